#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::data {

enum class Split { Train, Test };

/// Samples with optional labels, all in memory or computed on the fly. Immutable and thread-safe after opening.
class Dataset {
public:
    virtual ~Dataset() = default;
    [[nodiscard]] virtual std::string name() const = 0;                 ///< "fashion-mnist"
    [[nodiscard]] virtual std::int64_t size(Split split) const = 0;     ///< number of samples; 0: no such split
    [[nodiscard]] virtual tensor::Shape sampleShape() const = 0;        ///< without batch: 1x32x32
    [[nodiscard]] virtual std::vector<std::string> classes() const = 0; ///< names by label; empty: unknown
    [[nodiscard]] virtual bool hasLabels() const = 0;
    /// SHA-256 over samples and labels of both splits, so that results of different data are never compared.
    [[nodiscard]] virtual std::string sha256() const = 0;
    /// Samples `begin .. begin+count` as one tensor [count, sampleShape…], preprocessed as the model sees them.
    [[nodiscard]] virtual tensor::Tensor samples(Split split, std::int64_t begin, std::int64_t count) const = 0;
    /// Int64 [count].
    [[nodiscard]] virtual tensor::Tensor labels(Split split, std::int64_t begin, std::int64_t count) const = 0;
};

/// Opens what people write after --data: a built-in name ("fashion-mnist": the full set of Debian's package dataset-fashion-mnist where installed,
/// otherwise the subset that Lathe ships; "fashion-mnist-small": always the subset), a folder with IDX files, or an .npz file.
/// Errors: NotFound, Rejected with one sentence (truncated, labels out of range for the number of samples, …).
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openDataset(const std::string& specification);

/// Names that openDataset knows, with whether the full data is there.
struct BuiltinDataset {
    std::string name;
    std::string description;
    bool isAvailable = false;
};
[[nodiscard]] std::vector<BuiltinDataset> builtinDatasets();

} // namespace lathe::data
