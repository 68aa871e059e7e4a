#include <core/data/dataset.h>

#include <algorithm>
#include <numeric>

namespace lathe::data {

namespace {

/// A batch of one sample as that sample.
tensor::Tensor withoutBatch(const tensor::Tensor& batch) {
    const tensor::Tensor sample = batch.contiguous();
    tensor::Shape shape(sample.shape().begin() + 1, sample.shape().end());
    return tensor::Tensor(sample.dtype(), std::move(shape), sample.storage(), sample.byteOffset());
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
    for (std::size_t index = 0, inputCount = inputs().size(); index < inputCount; ++index) {
        tensor::Tensor argument = input(index, split, begin, count);
        arguments.push_back(shape.hasBatch ? std::move(argument) : withoutBatch(argument));
    }
    return arguments;
}

std::vector<tensor::Tensor> Dataset::gatherCall(Split split, std::span<const std::int64_t> positions) const {
    const CallShape shape = callShape();
    std::vector<std::int64_t> all(positions.begin(), positions.end());
    for (std::size_t at = 0; shape.fixedBatch && static_cast<std::int64_t>(all.size()) < *shape.fixedBatch; ++at)
        all.push_back(positions[at % positions.size()]);
    std::vector<tensor::Tensor> arguments;
    for (std::size_t index = 0, inputCount = inputs().size(); index < inputCount; ++index) {
        tensor::Tensor argument = gatherInput(index, split, all);
        arguments.push_back(shape.hasBatch ? std::move(argument) : withoutBatch(argument));
    }
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
