#pragma once

#include <mutex>

#include <core/data/dataset.h>

namespace lathe::data {

/// Samples [N, …] and labels [N, …] of one split; null tensors: no such split, or no labels.
struct SplitContent {
    tensor::Tensor samples = {};
    tensor::Tensor labels = {};
    std::vector<tensor::Tensor> more = {}; ///< the other inputs of models that take several, [N, …] each
};

/// What an InMemoryDataset is made of.
struct DatasetContent {
    std::string name;
    SplitContent train = {}, test = {};
    /// What the model sees of `samples` is the stored element divided by this, in float32. With 1, and in `more`, the values stay, and so
    /// do the types float32, int32, int64 and bool; others become float32.
    float divisor = 1;
    /// Per channel (the first dimension of a sample), or one for all: (value − mean) / deviation. Empty: 0 and 1.
    std::vector<float> mean = {}, deviation = {};
    std::vector<std::string> classes = {};
    std::vector<std::string> inputNames = {}; ///< of samples and more; empty: unknown
    std::string labelsName = {};              ///< see Dataset::labelsName
    bool isRandom = false;
    bool isMadeForModel = false; ///< the model takes the values and types as they are stored
};

/// A data set whose samples are kept as they were stored (images as bytes) and become what the model sees batch by batch.
class InMemoryDataset final : public Dataset {
public:
    /// Checks the content: there are samples, both splits have inputs of the same shapes and types, all inputs as many samples, as many
    /// labels as samples and of the same form in both splits, one for each sample not negative and below the number of class names where
    /// those are known, one mean and deviation per channel. Integers and truths become int64, floats float32. Errors: Rejected, beginning
    /// with the name.
    [[nodiscard]] static base::Result<std::shared_ptr<const InMemoryDataset>> create(DatasetContent content);

    [[nodiscard]] std::string name() const override { return m_content.name; }
    [[nodiscard]] std::int64_t size(Split split) const override;
    [[nodiscard]] std::vector<DataInput> inputs() const override { return m_inputs; }
    [[nodiscard]] std::vector<std::string> classes() const override { return m_content.classes; }
    [[nodiscard]] bool hasLabels() const override;
    [[nodiscard]] std::string labelsName() const override { return m_content.labelsName; }
    [[nodiscard]] bool isRandom() const override { return m_content.isRandom; }
    [[nodiscard]] std::string sha256() const override;
    [[nodiscard]] tensor::Tensor input(std::size_t index, Split split, std::int64_t begin, std::int64_t count) const override;
    [[nodiscard]] tensor::Tensor gatherInput(std::size_t index, Split split, std::span<const std::int64_t> positions) const override;
    [[nodiscard]] tensor::Tensor labels(Split split, std::int64_t begin, std::int64_t count) const override;

private:
    explicit InMemoryDataset(DatasetContent content);
    [[nodiscard]] const SplitContent& content(Split split) const { return split == Split::Train ? m_content.train : m_content.test; }
    [[nodiscard]] const tensor::Tensor& stored(std::size_t index, Split split) const;
    [[nodiscard]] tensor::Tensor asModelSees(std::size_t index, tensor::Tensor stored) const;

    DatasetContent m_content;
    std::vector<DataInput> m_inputs;
    mutable std::once_flag m_hashed;
    mutable std::string m_sha256;
};

} // namespace lathe::data
