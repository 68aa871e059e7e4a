#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/json.h>
#include <core/measure/result.h>
#include <core/runtime/device.h>
#include <core/tensor/tensor.h>

namespace lathe::engine {

struct MeasureRequest {
    std::vector<std::filesystem::path> files;
    std::filesystem::path weights; ///< put into all of them; empty: none
    std::string data;              ///< what the models are fed with …
    tensor::Shape inputShape;      ///< … or, without data, random values of this shape (without batch)
    std::vector<std::int64_t> batches{1};
    runtime::Device device;
    int threads = 0; ///< 0: one for each core; each model takes one thread where it is faster with it
    std::uint64_t seed = 0;
};

struct MeasuredBatch {
    measure::Latency latency;
    std::int64_t samplesPerPass = 1; ///< how many samples went through the model at a time (runtime::Plan::samplesPerPass)
};

struct MeasuredModel {
    std::filesystem::path file;
    std::vector<MeasuredBatch> batches; ///< in the request's order
};

/// A model against the first one, at one batch.
struct MeasuredPair {
    std::size_t a = 0, b = 1; ///< positions in `models`
    std::int64_t batch = 1;
    measure::Speedup speedup; ///< of b over a
};

struct Measurement {
    std::vector<MeasuredModel> models;
    std::vector<MeasuredPair> comparisons;
};

/// Interleaved latency of several model files as they are, without any recipe. Errors: those of opening; Rejected when the input does not
/// fit a model.
[[nodiscard]] base::Result<Measurement> measureModels(const MeasureRequest& request, const base::Job& job);

/// The document "lathe.measure/1".
[[nodiscard]] base::Json toJson(const Measurement& measurement);

} // namespace lathe::engine
