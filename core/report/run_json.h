#pragma once

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/measure/result.h>

namespace lathe::report {

/// What a written run holds of the lists with one entry per call or per test sample.
enum class Detail {
    Figures,    ///< without them: some kilobytes
    RawSamples, ///< with latency samples ("samples_ms"), their marks ("marks") and predictions
};

/// The document "lathe.run/1": what `run --json` prints and the engine answers. Rates are fractions, times carry their unit in the key,
/// numbers that are not finite are null.
[[nodiscard]] base::Json toJson(const measure::RunDocument& document, Detail detail = Detail::Figures);
/// RESULT, STEP and the comparison by themselves, as they stand in the document.
[[nodiscard]] base::Json toJson(const measure::ModelResult& result, Detail detail = Detail::Figures);
[[nodiscard]] base::Json toJson(const measure::StepResult& step);
[[nodiscard]] base::Json toJson(const measure::Comparison& comparison);
[[nodiscard]] base::Json toJson(const measure::Latency& latency, Detail detail = Detail::Figures);

/// Reads "lathe.run/1". Treats it as hostile: Rejected with the place of what is wrong. Raw samples may be absent.
[[nodiscard]] base::Result<measure::RunDocument> runDocumentFromJson(const base::Json& json);
[[nodiscard]] base::Result<measure::ModelResult> modelResultFromJson(const base::Json& json);
[[nodiscard]] base::Result<measure::StepResult> stepResultFromJson(const base::Json& json);
[[nodiscard]] base::Result<measure::Comparison> comparisonFromJson(const base::Json& json);
[[nodiscard]] base::Result<measure::Latency> latencyFromJson(const base::Json& json);

/// "real", "simulated"; "faster", "slower", "no significant difference", "not reliable".
[[nodiscard]] const char* name(measure::Truth truth);
[[nodiscard]] const char* name(measure::Verdict verdict);

} // namespace lathe::report
