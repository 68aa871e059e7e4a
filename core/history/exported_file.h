#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lathe::history {

/// NotJudged: the judge could not open or run the file, which says nothing about the file.
enum class ExportVerdict { Same, Different, NotJudged };

/// What one judge found out about an exported file: it opened the file in a process of its own and ran it on test samples, and its outputs
/// were compared with those of the model that was exported.
struct ExportCheck {
    std::string judge;   ///< "lathe", "libtorch"; of the Python that was chosen: "torch", "onnxruntime"
    std::string version; ///< of the judge; "" when it did not get so far as to tell
    ExportVerdict verdict = ExportVerdict::NotJudged;
    std::optional<double> maxAbsError; ///< the largest difference of two outputs
    std::optional<double> maxRelError; ///< the same as a share of the largest output
    std::optional<double> agreement;   ///< share of samples with the same top-1; unset where outputs are no classes
    std::optional<double> loadMs;      ///< from opening the file until it can be run; starting the process is not part of it
    std::string reason;                ///< one sentence where figures do not say it: why it is not judged, or what differs
    bool operator==(const ExportCheck&) const = default;
};

/// A model that was written to a file, what it was made from, and what was found out about the file.
struct ExportedFile {
    std::string file;   ///< absolute path
    std::string format; ///< "torchscript", "pt2", "onnx"
    std::string sha256; ///< of its content when it was written
    std::int64_t bytes = 0;
    std::int64_t originalBytes = 0; ///< size of the model file that it was made from
    std::string createdAt;          ///< UTC, ISO 8601; "" when it is added: now
    std::string modelFile, modelSha256, dataSha256, recipeJson, recipeSummary;
    std::int64_t seed = 0;
    std::string runId; ///< of the run that it belongs to, "" for none; found when it is added
    std::vector<ExportCheck> checks;
    bool operator==(const ExportedFile&) const = default;
};

} // namespace lathe::history
