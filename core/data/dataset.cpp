#include <core/data/dataset.h>

#include <algorithm>
#include <numeric>

namespace lathe::data {

namespace {

/// Samples [n, …] as an input takes them: along another dimension, or, where it has none for them, the first as it is.
tensor::Tensor arranged(tensor::Tensor samples, BatchAxis axis) {
    if (axis == BatchAxis(0)) return samples;
    tensor::Shape shape = samples.shape();
    std::vector<std::int64_t> strides = samples.strides();
    if (!axis) {
        shape.erase(shape.begin());
        strides.erase(strides.begin());
    } else {
        const auto behind = static_cast<std::ptrdiff_t>(std::min(*axis + 1, shape.size()));
        std::rotate(shape.begin(), shape.begin() + 1, shape.begin() + behind);
        std::rotate(strides.begin(), strides.begin() + 1, strides.begin() + behind);
    }
    return tensor::Tensor(samples.dtype(), std::move(shape), std::move(strides), samples.storage(), samples.byteOffset()).contiguous();
}

} // namespace

std::int64_t Dataset::callSize(std::int64_t wanted) const {
    const CallShape shape = callShape();
    return shape.hasBatch ? shape.fixedBatch.value_or(wanted) : 1;
}

std::vector<tensor::Tensor> Dataset::call(Split split, std::int64_t begin, std::int64_t count) const {
    const CallShape shape = callShape();
    if (shape.fixedBatch.value_or(count) != count) {
        std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
        std::iota(positions.begin(), positions.end(), begin);
        return gatherCall(split, positions);
    }
    std::vector<tensor::Tensor> arguments;
    for (std::size_t index = 0, inputCount = inputs().size(); index < inputCount; ++index)
        arguments.push_back(arranged(input(index, split, begin, count), shape.inputAxis(index)));
    return arguments;
}

std::vector<tensor::Tensor> Dataset::gatherCall(Split split, std::span<const std::int64_t> positions) const {
    const CallShape shape = callShape();
    std::vector<std::int64_t> all(positions.begin(), positions.end());
    for (std::size_t at = 0; shape.fixedBatch && static_cast<std::int64_t>(all.size()) < *shape.fixedBatch; ++at)
        all.push_back(positions[at % positions.size()]);
    std::vector<tensor::Tensor> arguments;
    for (std::size_t index = 0, inputCount = inputs().size(); index < inputCount; ++index)
        arguments.push_back(arranged(gatherInput(index, split, all), shape.inputAxis(index)));
    return arguments;
}

bool Dataset::hasClasses() const {
    if (!hasLabels()) return false;
    const Split split = size(Split::Test) > 0 ? Split::Test : Split::Train;
    const tensor::Tensor first = labels(split, 0, 1);
    return first.dtype() == tensor::DType::Int64 && first.shape().size() == 1;
}

std::string Dataset::sampleText() const {
    std::string text;
    for (const DataInput& input : inputs())
        text += (text.empty() ? "" : " and ") + tensor::text(input.shape);
    return text;
}

} // namespace lathe::data
