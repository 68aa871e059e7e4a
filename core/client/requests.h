#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/base/json.h>
#include <core/base/model_formats.h>
#include <core/base/result.h>
#include <core/client/protocol.h>

// The parameters of each request (core/engine/PROTOCOL.md): the window writes them with toJson, the engine reads them with …FromJson, which
// answers InvalidArgument naming the parameter that is missing or wrong.

namespace lathe::client {

/// `hello` and `shutdown` have no parameters.
namespace method {
inline constexpr const char* hello = "hello";
inline constexpr const char* open = "open";
inline constexpr const char* close = "close";
inline constexpr const char* preview = "preview";
inline constexpr const char* drawing = "drawing";
inline constexpr const char* find = "find";
inline constexpr const char* weights = "weights";
inline constexpr const char* samples = "samples";
inline constexpr const char* run = "run";
inline constexpr const char* measure = "measure";
inline constexpr const char* exportModel = "export";
inline constexpr const char* shutdown = "shutdown";
inline constexpr const char* progress = "progress";       ///< notification of the engine
inline constexpr const char* cancel = "$/cancelRequest";  ///< notification to the engine
inline constexpr const char* finish = "$/finishTraining"; ///< notification to the engine, with the same content
} // namespace method

struct OpenRequest {
    std::string file;
    std::string data;       ///< what will be measured on, for the input shapes of models that do not say them; may be empty
    base::Json recipe = {}; ///< whose preprocessing that data gets; null: as it is stored
};
struct CloseRequest {
    ModelHandle model = 0;
};
/// `recipe` is a recipe document (an object) in all of these.
struct PreviewRequest {
    ModelHandle model = 0;
    base::Json recipe;
};
struct DrawingRequest {
    ModelHandle model = 0;
    base::Json recipe;
    int step = -1;             ///< -1: the original; otherwise the number of steps applied
    graph::OpenModules open{}; ///< the others are drawn closed
};
/// Nodes of a stage that fit what was typed (layout/node_search.h), in closed modules too.
struct FindRequest {
    ModelHandle model = 0;
    base::Json recipe;
    int step = -1; ///< as of a drawing
    std::string text;
};
struct WeightsRequest {
    ModelHandle model = 0;
    base::Json recipe;
    std::string layer;
    int bins = 64; ///< 1..4096
};
/// Samples of the test split as the model sees them, or of the training split where there is no other.
struct SamplesRequest {
    std::string data;
    base::Json recipe; ///< whose preprocessing is used
    std::int64_t first = 0;
    int count = 12;        ///< 1..64
    ModelHandle model = 0; ///< that random input is made for; 0: none
};
struct RunRequest {
    ModelHandle model = 0;
    base::Json recipe;
    std::string data;
    std::string device = "cpu";
    int threads = 0; ///< 0: as many as there are cores
    std::int64_t seed = 0;
    std::optional<std::string> history; ///< file; none: the run is not stored
    std::string name;                   ///< "": a name is made from model and recipe
    std::vector<std::string> tags;
};
/// The speed of a run in the history once more, and nothing else of it.
struct MeasureRequest {
    std::string history; ///< file
    std::string run;     ///< id of an optimized run
    std::string data;    ///< where its data is now; "": where it was
};
struct ExportRequest {
    ModelHandle model = 0;
    base::Json recipe;
    std::string data;
    std::string device = "cpu";
    std::int64_t seed = 0;
    std::string to{base::modelFormats().front().id}; ///< id of a format
    std::string file;
    bool verify = true;
    std::string python;                 ///< program that verifies as well, with torch or onnxruntime; "": none
    std::optional<std::string> history; ///< file; none: the export is not recorded
};
struct CancelRequest {
    std::int64_t id = 0; ///< of the request to be cancelled
};

[[nodiscard]] base::Json toJson(const OpenRequest& request);
[[nodiscard]] base::Json toJson(const CloseRequest& request);
[[nodiscard]] base::Json toJson(const PreviewRequest& request);
[[nodiscard]] base::Json toJson(const DrawingRequest& request);
[[nodiscard]] base::Json toJson(const FindRequest& request);
[[nodiscard]] base::Json toJson(const WeightsRequest& request);
[[nodiscard]] base::Json toJson(const SamplesRequest& request);
[[nodiscard]] base::Json toJson(const RunRequest& request);
[[nodiscard]] base::Json toJson(const MeasureRequest& request);
[[nodiscard]] base::Json toJson(const ExportRequest& request);
[[nodiscard]] base::Json toJson(const CancelRequest& request);

[[nodiscard]] base::Result<OpenRequest> openRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<CloseRequest> closeRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<PreviewRequest> previewRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<DrawingRequest> drawingRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<FindRequest> findRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<WeightsRequest> weightsRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<SamplesRequest> samplesRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<RunRequest> runRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<MeasureRequest> measureRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<ExportRequest> exportRequestFromJson(const base::Json& json);
[[nodiscard]] base::Result<CancelRequest> cancelRequestFromJson(const base::Json& json);

} // namespace lathe::client
