#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/graph/call_shape.h>
#include <core/recipe/preprocessing.h>
#include <core/tensor/tensor.h>

namespace lathe::data {

enum class Split { Train, Test };

/// One of the arrays that a sample consists of: most models take one, language models several (tokens, mask).
struct DataInput {
    std::string name;    ///< "input_ids"; "" where the data has no names
    tensor::Shape shape; ///< without batch: 1x32x32
    bool operator==(const DataInput&) const = default;
};

using graph::BatchAxis;
using graph::CallShape;

/// Samples with optional labels, all in memory or computed on the fly. Immutable and thread-safe after opening.
class Dataset {
public:
    virtual ~Dataset() = default;
    [[nodiscard]] virtual std::string name() const = 0;                 ///< "fashion-mnist"
    [[nodiscard]] virtual std::int64_t size(Split split) const = 0;     ///< number of samples; 0: no such split
    [[nodiscard]] virtual std::vector<DataInput> inputs() const = 0;    ///< at least one
    [[nodiscard]] virtual std::vector<std::string> classes() const = 0; ///< names by label; empty: unknown
    [[nodiscard]] virtual bool hasLabels() const = 0;
    /// Made up (see random_input.h): what is measured with it says nothing about real data but times, shapes and differences.
    [[nodiscard]] virtual bool isRandom() const { return false; }
    /// What the labels are called in the data ("y"), where they could be an input as well: a model with an input of that name means it.
    [[nodiscard]] virtual std::string labelsName() const { return {}; }
    /// SHA-256 over samples and labels of both splits, so that results of different data are never compared.
    [[nodiscard]] virtual std::string sha256() const = 0;
    /// Of samples `begin .. begin+count` the input number `index` as one tensor [count, shape…], preprocessed as the model sees it.
    [[nodiscard]] virtual tensor::Tensor input(std::size_t index, Split split, std::int64_t begin, std::int64_t count) const = 0;
    /// The same of the samples at `positions`, in that order: a shuffled batch. Positions must be in range.
    [[nodiscard]] virtual tensor::Tensor gatherInput(std::size_t index, Split split, std::span<const std::int64_t> positions) const = 0;
    /// [count] where there is one for each sample: Int64 for classes, Float32 for numbers. Or [count, …] with one for each of its parts:
    /// pixels, tokens (negative: does not count), several truths (0 and 1), several numbers.
    [[nodiscard]] virtual tensor::Tensor labels(Split split, std::int64_t begin, std::int64_t count) const = 0;

    /// How the model that the data was opened for wants them (see model_dataset.h); any number, in front, where it was not opened for one.
    [[nodiscard]] virtual CallShape callShape() const { return {}; }

    /// The number of samples of a call when `wanted` would be good: as many, or what the model insists on.
    [[nodiscard]] std::int64_t callSize(std::int64_t wanted) const;
    /// The arguments of one call for `count` samples, at most callSize(count): what turns samples into calls, for everybody. Samples stand
    /// along the batch of each input (callShape). Where the model insists on more samples they are repeated; the caller drops the outputs
    /// of those (runtime::outputsOfSamples).
    [[nodiscard]] std::vector<tensor::Tensor> call(Split split, std::int64_t begin, std::int64_t count) const;
    /// The same of the samples at `positions`.
    [[nodiscard]] std::vector<tensor::Tensor> gatherCall(Split split, std::span<const std::int64_t> positions) const;

    /// Is there one class for each sample?
    [[nodiscard]] bool hasClasses() const;

    /// Of the first input, which is the only one of most data sets.
    [[nodiscard]] tensor::Shape sampleShape() const { return inputs().front().shape; }
    [[nodiscard]] tensor::Tensor samples(Split split, std::int64_t begin, std::int64_t count) const {
        return input(0, split, begin, count);
    }
    /// What a sample is, for sentences: "1x32x32", "24 and 24".
    [[nodiscard]] std::string sampleText() const;
};

/// Opens what people write after --data:
/// - "fashion-mnist": the full set of Debian's package dataset-fashion-mnist where it is installed, otherwise the subset that Lathe ships;
///   "fashion-mnist-small": always the subset. See fashion_mnist.h for what the model sees.
/// - a folder with IDX files (see idx_folder.h), with the option ":pad=N";
/// - a folder with PNG or JPEG images (see image_folder.h) or with sound files (see wav_folder.h), in folders named by their class;
/// - "random", with options: input made up for a model, which openFor (model_fit.h) opens;
/// - an .npz file, also for models with several inputs (see npz_dataset.h), or a .csv file (see csv_dataset.h).
/// `preprocessing` is what the recipe says of images, sound and tables, and of the labels in tables and .npz files; the values of IDX and
/// .npz reach the model as they are. `modelInputs`: names that mean inputs of the model, also where one looks like that of labels.
/// Errors: NotFound (with the nearest built-in name); Rejected with one sentence (truncated, other number of labels than of samples, …).
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openDataset(const std::string& specification,
                                                                       const recipe::Preprocessing& preprocessing = {},
                                                                       std::span<const std::string> modelInputs = {});

/// What stored samples are, and so which preprocessing there is for them.
enum class DataKind { Arrays, Images, Sound, Table };
/// What openDataset takes `specification` for; Arrays where there is nothing of that name.
[[nodiscard]] DataKind dataKind(const std::string& specification);

/// Names that openDataset knows, with whether the full data is there.
struct BuiltinDataset {
    std::string name;
    std::string description;
    bool isAvailable = false;
    tensor::Shape shape = {}; ///< of a sample
};
[[nodiscard]] std::vector<BuiltinDataset> builtinDatasets();

} // namespace lathe::data
