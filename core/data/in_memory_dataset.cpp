#include <core/data/in_memory_dataset.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include <core/base/files.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;
using tensor::DType;
using tensor::Tensor;

bool isFloat(DType dtype) {
    return dtype == DType::Float16 || dtype == DType::BFloat16 || dtype == DType::Float32 || dtype == DType::Float64;
}

tensor::Shape withoutBatch(const tensor::Shape& shape) { return {shape.begin() + 1, shape.end()}; }

std::string_view bytesOf(const Tensor& tensor) {
    if (tensor.isNull() || tensor.byteCount() == 0) return {};
    return {reinterpret_cast<const char*>(tensor.storage()->bytes().data()) + tensor.byteOffset(),
            static_cast<std::size_t>(tensor.byteCount())};
}

/// `count` entries of the first dimension, sharing the bytes.
Tensor slice(const Tensor& tensor, std::int64_t begin, std::int64_t count) {
    tensor::Shape shape = tensor.shape();
    const std::int64_t entryBytes = shape[0] > 0 ? tensor.byteCount() / shape[0] : 0;
    shape[0] = count;
    return Tensor(tensor.dtype(), std::move(shape), tensor.storage(), tensor.byteOffset() + begin * entryBytes);
}

/// Checks one split and turns its labels into contiguous int64 or float32. `what` is "training" or "test".
base::Result<> normalize(SplitContent& split, const std::string& name, const base::Message& what, std::size_t classes) {
    if (split.samples.isNull()) return {};
    const auto rejected = [&](const base::Message& reason) {
        return failure(ErrorCode::Rejected, {"data.problem", {{"data", name}, {"problem", reason}}});
    };
    if (split.samples.shape().empty()) return rejected({"data.samplesAreOneNumber", {{"split", what}}});
    split.samples = split.samples.contiguous();
    const std::int64_t count = split.samples.shape()[0];
    for (Tensor& more : split.more) {
        if (more.isNull() || more.shape().empty() || more.shape()[0] != count) {
            return rejected(
                {"data.otherInput",
                 {{"samples", count}, {"split", what}, {"shape", more.isNull() ? std::string("of nothing") : tensor::text(more.shape())}}});
        }
        more = more.contiguous();
    }
    if (split.labels.isNull()) return {};

    const Tensor labels = split.labels.contiguous();
    if (labels.shape().empty() || labels.shape()[0] != count) {
        return rejected({"data.otherLabels", {{"samples", count}, {"split", what}, {"shape", tensor::text(labels.shape())}}});
    }
    // One for each sample, whatever the shape; or one for each of its parts.
    const tensor::Shape shape = labels.elementCount() == count ? tensor::Shape{count} : labels.shape();
    const Tensor numbers = labels.to(isFloat(labels.dtype()) ? DType::Float32 : DType::Int64);
    split.labels = Tensor(numbers.dtype(), shape, numbers.storage(), numbers.byteOffset());
    if (isFloat(labels.dtype())) {
        if (classes > 0) return rejected({"data.labelsAreFloats", {{"split", what}, {"type", std::string(tensor::name(labels.dtype()))}}});
        const auto values = split.labels.values<float>();
        const auto wrong = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
        if (wrong != values.end()) return rejected({"data.labelIsNoNumber", {{"split", what}}});
        return {};
    }
    // In maps of classes negative numbers mark what does not count.
    if (shape.size() > 1) return {};
    const auto values = split.labels.values<std::int64_t>();
    for (std::size_t at = 0; at < values.size(); ++at) {
        if (values[at] < 0 || (classes > 0 && values[at] >= static_cast<std::int64_t>(classes))) {
            const base::Message range =
                classes > 0 ? base::Message("recipe.between", {{"least", 0}, {"most", classes - 1}}) : base::Message("data.zeroOrMore", {});
            return rejected({"data.labelOutOfRange", {{"split", what}, {"sample", at}, {"label", values[at]}, {"range", range}}});
        }
    }
    return {};
}

/// (value − mean) / deviation of each channel, the first dimension of a sample.
void standardize(std::vector<float>& values, const std::vector<float>& mean, const std::vector<float>& deviation,
                 const tensor::Shape& sampleShape) {
    if (mean.empty() && deviation.empty()) return;
    const auto channels = static_cast<std::size_t>(std::max<std::int64_t>(1, sampleShape.empty() ? 1 : sampleShape[0]));
    std::size_t sampleSize = 1;
    for (const std::int64_t size : sampleShape)
        sampleSize *= static_cast<std::size_t>(size);
    const std::size_t plane = std::max<std::size_t>(1, sampleSize / channels);
    const auto of = [](const std::vector<float>& perChannel, std::size_t channel, float otherwise) {
        return perChannel.empty() ? otherwise : perChannel[perChannel.size() == 1 ? 0 : channel];
    };
    for (std::size_t at = 0; at < values.size(); ++at) {
        const std::size_t channel = at / plane % channels;
        values[at] = (values[at] - of(mean, channel, 0)) / of(deviation, channel, 1);
    }
}

} // namespace

InMemoryDataset::InMemoryDataset(DatasetContent content) : m_content(std::move(content)) {
    const Split split = m_content.test.samples.isNull() ? Split::Train : Split::Test;
    for (std::size_t index = 0; index <= m_content.test.more.size() || index <= m_content.train.more.size(); ++index) {
        const bool isNamed = index < m_content.inputNames.size();
        m_inputs.push_back({isNamed ? m_content.inputNames[index] : std::string(), withoutBatch(stored(index, split).shape())});
    }
}

base::Result<std::shared_ptr<const InMemoryDataset>> InMemoryDataset::create(DatasetContent content) {
    if (const auto checked = normalize(content.train, content.name, {"data.training", {}}, content.classes.size()); !checked)
        return base::forward(checked);
    if (const auto checked = normalize(content.test, content.name, {"data.test", {}}, content.classes.size()); !checked)
        return base::forward(checked);
    const Tensor& train = content.train.samples;
    const Tensor& test = content.test.samples;
    const auto count = [](const Tensor& samples) { return samples.isNull() ? std::int64_t{0} : samples.shape()[0]; };
    if (count(train) + count(test) == 0) return failure(ErrorCode::Rejected, {"data.noSamples", {{"data", content.name}}});
    if (!train.isNull() && !test.isNull()) {
        if (content.train.more.size() != content.test.more.size()) {
            return failure(ErrorCode::Rejected, content.name + ": the training samples have " +
                                                    std::to_string(1 + content.train.more.size()) + " inputs, but the test samples " +
                                                    std::to_string(1 + content.test.more.size()) + ".");
        }
        for (std::size_t index = 0; index <= content.train.more.size(); ++index) {
            const Tensor& first = index == 0 ? train : content.train.more[index - 1];
            const Tensor& second = index == 0 ? test : content.test.more[index - 1];
            if (withoutBatch(first.shape()) == withoutBatch(second.shape()) && first.dtype() == second.dtype()) continue;
            return failure(ErrorCode::Rejected, content.name + ": the training samples are " + std::string(tensor::name(first.dtype())) +
                                                    " " + tensor::text(withoutBatch(first.shape())) + ", but the test samples " +
                                                    std::string(tensor::name(second.dtype())) + " " +
                                                    tensor::text(withoutBatch(second.shape())) + ".");
        }
        if (content.train.labels.isNull() != content.test.labels.isNull()) {
            return failure(ErrorCode::Rejected, {"data.oneSplitHasLabels", {{"data", content.name}}});
        }
        const Tensor &trainLabels = content.train.labels, &testLabels = content.test.labels;
        if (!trainLabels.isNull() &&
            (trainLabels.dtype() != testLabels.dtype() || withoutBatch(trainLabels.shape()) != withoutBatch(testLabels.shape()))) {
            return failure(ErrorCode::Rejected,
                           content.name + ": the training labels are " + std::string(tensor::name(trainLabels.dtype())) + " " +
                               tensor::text(trainLabels.shape()) + ", but the test labels " +
                               std::string(tensor::name(testLabels.dtype())) + " " + tensor::text(testLabels.shape()) + ".");
        }
    }
    const tensor::Shape sample = withoutBatch((test.isNull() ? train : test).shape());
    for (const std::vector<float>& perChannel : {content.mean, content.deviation}) {
        if (perChannel.size() < 2 || (!sample.empty() && static_cast<std::int64_t>(perChannel.size()) == sample[0])) continue;
        return failure(ErrorCode::Rejected, content.name + ": the preprocessing has " + std::to_string(perChannel.size()) +
                                                " means or deviations, but the samples are " + tensor::text(sample) + ".");
    }
    return std::shared_ptr<const InMemoryDataset>(new InMemoryDataset(std::move(content)));
}

const Tensor& InMemoryDataset::stored(std::size_t index, Split split) const {
    return index == 0 ? content(split).samples : content(split).more[index - 1];
}

std::int64_t InMemoryDataset::size(Split split) const {
    const Tensor& samples = content(split).samples;
    return samples.isNull() ? 0 : samples.shape()[0];
}

bool InMemoryDataset::hasLabels() const { return !m_content.train.labels.isNull() || !m_content.test.labels.isNull(); }

std::string InMemoryDataset::sha256() const {
    std::call_once(m_hashed, [this] {
        std::string summary = "divisor " + std::to_string(m_content.divisor);
        for (const auto& [what, numbers] : {std::pair("mean", &m_content.mean), std::pair("deviation", &m_content.deviation)}) {
            for (const float number : *numbers)
                summary += std::string(" ") + what + " " + std::to_string(number);
        }
        std::vector<const Tensor*> parts{&m_content.train.samples, &m_content.train.labels, &m_content.test.samples,
                                         &m_content.test.labels};
        for (const SplitContent* split : {&m_content.train, &m_content.test}) {
            for (const Tensor& more : split->more)
                parts.push_back(&more);
        }
        for (const Tensor* part : parts) {
            if (part->isNull()) {
                summary += "\nnone";
            } else {
                summary += "\n" + std::string(tensor::name(part->dtype())) + " " + tensor::text(part->shape()) + " " +
                           base::sha256(bytesOf(*part));
            }
        }
        m_sha256 = base::sha256(summary);
    });
    return m_sha256;
}

Tensor InMemoryDataset::asModelSees(std::size_t index, Tensor stored) const {
    if (m_content.isRandom || m_content.isMadeForModel) return stored; // in the types that the model declares
    if (index > 0 || (m_content.divisor == 1 && m_content.mean.empty() && m_content.deviation.empty())) {
        const bool isNarrow = stored.dtype() == DType::UInt8 || stored.dtype() == DType::Int8 || stored.dtype() == DType::Int16;
        return isNarrow || (isFloat(stored.dtype()) && stored.dtype() != DType::Float32) ? stored.to(DType::Float32) : stored;
    }
    // A division, not a product with the inverse, so that values are the same bits as elsewhere.
    const float divisor = m_content.divisor;
    std::vector<float> values(static_cast<std::size_t>(stored.elementCount()));
    if (stored.dtype() == DType::UInt8) {
        // The usual case, images, without the detour over toFloats: it runs once per training batch.
        std::ranges::transform(stored.values<std::uint8_t>(), values.begin(),
                               [=](std::uint8_t pixel) { return static_cast<float>(pixel) / divisor; });
    } else {
        std::ranges::transform(stored.toFloats(), values.begin(), [=](float value) { return value / divisor; });
    }
    standardize(values, m_content.mean, m_content.deviation, m_inputs.front().shape);
    return Tensor::of(stored.shape(), values);
}

Tensor InMemoryDataset::input(std::size_t index, Split split, std::int64_t begin, std::int64_t count) const {
    return asModelSees(index, slice(stored(index, split), begin, count));
}

Tensor InMemoryDataset::labels(Split split, std::int64_t begin, std::int64_t count) const {
    return slice(content(split).labels, begin, count);
}

Tensor InMemoryDataset::gatherInput(std::size_t index, Split split, std::span<const std::int64_t> positions) const {
    const Tensor& all = stored(index, split);
    tensor::Shape shape = all.shape();
    const std::size_t sampleBytes = shape[0] > 0 ? static_cast<std::size_t>(all.byteCount() / shape[0]) : 0;
    const std::string_view bytes = bytesOf(all);
    const auto chosen = std::make_shared<std::vector<std::byte>>(positions.size() * sampleBytes);
    for (std::size_t at = 0; at < positions.size() && sampleBytes > 0; ++at) {
        std::memcpy(chosen->data() + at * sampleBytes, bytes.data() + static_cast<std::size_t>(positions[at]) * sampleBytes, sampleBytes);
    }
    shape[0] = static_cast<std::int64_t>(positions.size());
    return asModelSees(index, Tensor(all.dtype(), std::move(shape), tensor::Storage::adopt(std::span<const std::byte>(*chosen), chosen)));
}

} // namespace lathe::data
