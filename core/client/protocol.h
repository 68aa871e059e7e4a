#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/json.h>
#include <core/base/message.h>
#include <core/base/result.h>
#include <core/history/exported_file.h>
#include <core/layout/drawing.h>
#include <core/measure/result.h>
#include <core/recipe/recipe.h>
#include <core/steps/step_spec.h>
#include <core/tensor/tensor.h>

// What the engine answers and notifies (core/engine/PROTOCOL.md), as plain values. Engine and window share these definitions: the engine
// writes with toJson, the window reads with …FromJson. The reading functions treat the JSON as hostile: wrong types, numbers that are not
// finite or out of range, and lists that are too long are Rejected with their place. What is asked for is in requests.h; the answer to
// `run` is core/report/run_json.h.

namespace lathe::client {

using ModelHandle = std::int64_t;

struct DeviceEntry {
    std::string device; ///< "cpu", "cuda:0"
    std::string name;   ///< "NVIDIA H100 80GB HBM3"
    std::string detail; ///< "AVX2", "compute capability 9.0"
    std::int64_t memoryBytes = 0;
    bool operator==(const DeviceEntry&) const = default;
};
struct DataEntry {
    std::string name, description;
    bool isAvailable = false;
    tensor::Shape shape = {}; ///< of a sample as the model sees it: 1x32x32
    bool operator==(const DataEntry&) const = default;
};
struct HelloReply {
    std::string version; ///< of Lathe
    std::string torch;   ///< of LibTorch
    std::string cpu;     ///< model name
    std::string cpuDetail;
    int threads = 1;
    std::string noise = "low"; ///< "low", "medium", "high"
    std::vector<DeviceEntry> devices;
    std::vector<DataEntry> data;
    std::vector<steps::StepSpec> steps;
    std::string isolation = "full"; ///< of the process that reads model files: "full", "reduced" (base::Isolation)
};

/// A sentence about a layer from a step of the recipe: why it left the layer as it was.
struct LayerNote {
    int step = 0; ///< index into the recipe's steps
    base::Message message;
    bool operator==(const LayerNote&) const = default;
};

/// A layer (a node with a weight) as it stands before or after a recipe.
struct LayerInfo : measure::LayerFigures {
    std::string name, op;
    tensor::Shape weightShape;
    bool keepFloat = false;
    int group = -1; ///< index into the reply's groups: what shrinks with it when its channels are pruned; -1: they cannot be
    std::vector<LayerNote> notes{}; ///< why steps left it as it was
    bool operator==(const LayerInfo&) const = default;
};

/// Nodes that only shrink together, in execution order. Layers say which group theirs is: listing it with each of them would make long
/// messages of long residual streams.
using LayerGroup = std::vector<std::string>;

/// An operator of the model, and something in it that Lathe cannot do: the import report "lathe.inspect/1".
struct OperatorUse {
    std::string op;
    std::int64_t count = 0;
    bool isSupported = true;
    bool operator==(const OperatorUse&) const = default;
};
struct ImportIssue {
    std::string op, scope, source, reason;
    bool operator==(const ImportIssue&) const = default;
};
struct InspectReport {
    std::string format;              ///< "torchscript", "pt2"
    std::vector<std::string> inputs; ///< "x: float32[1,1,32,32]"
    std::vector<std::string> outputs;
    std::int64_t parameters = 0;
    std::int64_t macs = 0; ///< one sample; a part of them when `macsUnknownLayers`
    std::int64_t nodes = 0;
    std::vector<OperatorUse> operators; ///< most frequent first
    bool runs = true;
    std::vector<ImportIssue> problems;
    std::vector<base::Message> notes{}; ///< on the file, that are no problem
    std::string isolation = "full";     ///< of the process that read the file: "full", "reduced"
    std::int64_t macsUnknownLayers = 0; ///< layers that `macs` leaves out because shapes are not known
    std::vector<std::string> state{};   ///< what the model keeps from call to call: "hidden: float32[2,1,64]" (graph/state.h)
    bool operator==(const InspectReport&) const = default;
};

struct OpenReply {
    ModelHandle model = 0;
    std::string file, name, sha256, format;
    std::int64_t fileBytes = 0;
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
    std::vector<tensor::Shape> inputShapes; ///< -1: a dimension that is not fixed
    InspectReport report;
    layout::Drawing drawing; ///< of the modules that fit (graph::OpenModules)
    std::vector<LayerInfo> layers;
    std::vector<LayerGroup> groups;
    std::int64_t macsUnknownLayers = 0;
    std::int64_t weightBytes = 0; ///< of all weights, as StageInfo has them after a step
};

/// The model after one step of the recipe.
struct StageInfo {
    int step = 0; ///< index into the recipe's steps
    std::string op;
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
    std::int64_t weightBytes = 0;
    std::optional<double> lossTotal; ///< Σ ½‖θ−θ̂‖² over the layers, of all steps so far
    std::vector<base::Message> notes;
    std::int64_t macsUnknownLayers = 0;
    measure::LossParts lossParts{};        ///< of lossTotal
    std::optional<bool> changed{};         ///< did the step change anything? nothing: only a run tells
    std::vector<base::Message> warnings{}; ///< what was asked for and did not happen
    bool operator==(const StageInfo&) const = default;
};
struct PreviewReply {
    std::vector<StageInfo> stages; ///< enabled steps, in order; up to the one that failed
    std::vector<LayerInfo> layers; ///< after the last stage
    std::vector<LayerGroup> groups;
    std::optional<base::Message> error; ///< why the recipe cannot be applied
};

struct DrawingReply {
    layout::Drawing drawing;
};
struct FindReply {
    std::vector<std::string> nodes; ///< ids as in drawings, in the order of the whole drawing: the first maxFound
    std::int64_t count = 0;         ///< of all that fit
    bool operator==(const FindReply&) const = default;
};
inline constexpr std::size_t maxFound = 1000;

struct Histogram {
    double from = 0, to = 0;
    std::vector<std::int64_t> counts; ///< equal bins from `from` to `to`
    bool operator==(const Histogram&) const = default;
};
struct QuantizedWeights {
    int bits = 8;
    std::int64_t levelsLow = -128, levelsHigh = 127; ///< integer range that is used
    std::optional<double> loss, sqnrDb;
    bool operator==(const QuantizedWeights&) const = default;
};
/// Numbers that weights share: a codebook, or several.
struct CodebookInfo {
    int bits = 4;                ///< of an index
    std::int64_t codebooks = 1;  ///< of one each for as many parts of the weight
    std::vector<double> numbers; ///< of all of them, the first 256
    bool operator==(const CodebookInfo&) const = default;
};
/// What a layer would be at a rank of its factorization.
struct SpectrumPoint {
    std::int64_t rank = 0;
    double energy = 0; ///< share that stays, 0..1
    std::int64_t parameters = 0;
    std::optional<std::int64_t> macs;
    bool operator==(const SpectrumPoint&) const = default;
};
struct SpectrumInfo {
    int step = 0;                      ///< the factorizing step in the recipe
    std::int64_t rank = 0;             ///< that it chooses
    SpectrumPoint before;              ///< the layer as it is
    std::vector<SpectrumPoint> points; ///< by rising rank
    bool operator==(const SpectrumInfo&) const = default;
};
struct ChannelRange {
    double minimum = 0, maximum = 0;
    bool operator==(const ChannelRange&) const = default;
};
struct WeightsReply {
    std::string layer;
    tensor::Shape shape;
    std::int64_t count = 0;
    double minimum = 0, maximum = 0, mean = 0, stddev = 0;
    std::int64_t zeros = 0;
    Histogram histogram;
    std::optional<QuantizedWeights> quantized;
    std::vector<ChannelRange> channels;     ///< along the first dimension
    std::optional<CodebookInfo> codebook{}; ///< that the layer has after the recipe
    std::optional<SpectrumInfo> spectrum{}; ///< where the recipe factorizes the layer
    bool operator==(const WeightsReply&) const = default;
};

/// A sample as the model sees it, to be drawn: values in 255 equal steps from the smallest to the largest, thinned out where there are
/// many.
struct SampleView {
    std::int64_t label = -1; ///< -1: none
    double minimum = 0, maximum = 0;
    tensor::Shape shape;              ///< of `levels`
    std::vector<std::int64_t> levels; ///< 0..255, row-major
    bool operator==(const SampleView&) const = default;
};
struct SamplesReply {
    std::string data, dtype;
    tensor::Shape shape; ///< of one sample
    std::vector<std::string> classes;
    std::int64_t trainSamples = 0, testSamples = 0;
    std::vector<SampleView> samples;
    std::string kind = "arrays"; ///< what is stored: "arrays", "images", "sound", "table"
    bool operator==(const SamplesReply&) const = default;
};

struct ExportReply {
    std::string file;
    std::int64_t bytes = 0;
    std::optional<std::int64_t> originalBytes; ///< of the model file that was opened; none when what was exported is no model
    std::string runId;                         ///< of the run in the history that it belongs to; "" for none
    std::vector<history::ExportCheck> checks;
    std::vector<base::Message> notes; ///< what to know before the file is used
    bool operator==(const ExportReply&) const = default;

    /// Original bytes / exported bytes.
    [[nodiscard]] std::optional<double> sizeRatio() const {
        if (!originalBytes || bytes <= 0) return std::nullopt;
        return static_cast<double>(*originalBytes) / static_cast<double>(bytes);
    }
};

/// The notification `progress`.
struct ProgressNote {
    std::int64_t id = 0; ///< of the request
    base::Progress progress;
};

[[nodiscard]] base::Json toJson(const HelloReply& reply);
[[nodiscard]] base::Json toJson(const LayerInfo& layer);
[[nodiscard]] base::Json toJson(const InspectReport& report);
[[nodiscard]] base::Json toJson(const OpenReply& reply);
[[nodiscard]] base::Json toJson(const PreviewReply& reply);
[[nodiscard]] base::Json toJson(const DrawingReply& reply);
[[nodiscard]] base::Json toJson(const FindReply& reply);
[[nodiscard]] base::Json toJson(const WeightsReply& reply);
[[nodiscard]] base::Json toJson(const SamplesReply& reply);
[[nodiscard]] base::Json toJson(const history::ExportCheck& check);
[[nodiscard]] base::Json toJson(const ExportReply& reply);
[[nodiscard]] base::Json toJson(const ProgressNote& note);

[[nodiscard]] base::Result<HelloReply> helloReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<InspectReport> inspectReportFromJson(const base::Json& json);
[[nodiscard]] base::Result<OpenReply> openReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<PreviewReply> previewReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<DrawingReply> drawingReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<FindReply> findReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<WeightsReply> weightsReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<SamplesReply> samplesReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<ExportReply> exportReplyFromJson(const base::Json& json);
[[nodiscard]] base::Result<ProgressNote> progressNoteFromJson(const base::Json& json);

} // namespace lathe::client
