#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <core/base/job.h>
#include <core/base/message.h>
#include <core/data/dataset.h>
#include <core/engine/recipe_runner.h>
#include <core/graph/graph.h>
#include <core/measure/result.h>
#include <core/measure/task_choice.h>
#include <core/runtime/plan_torch.h>

namespace lathe::engine {

/// A model that is being measured: its graph, the plan that runs it, and the figures so far.
struct Subject {
    graph::Graph graph;
    runtime::Plan plan;
    measure::ModelResult result;
};

/// Sets the number of threads of kernels; 0: one for each core.
void useThreads(int threads);

/// What is measured with: the machine, LibTorch, device, threads, and where `data` is, so that the run can be measured again.
[[nodiscard]] measure::Environment environment(const runtime::Device& device, const std::string& data);

/// Compiles the graph, exports it into `folder` to see its size, opens that file again to see its load time, and counts parameters and
/// MACs.
[[nodiscard]] base::Result<Subject> prepare(const graph::Graph& graph, runtime::Device device, const std::filesystem::path& folder);

/// Test-split quality of both, how far the outputs of the second are from those of the first, and peak memory of the process while each
/// runs. Returns why the outputs were not compared, where they were not.
[[nodiscard]] base::Result<std::optional<base::Message>> measureQuality(Subject& original, Subject& optimized, runtime::Device device,
                                                                        const data::Dataset& dataset, const measure::TaskChoice& task,
                                                                        const base::Job& job);

/// How many samples run at once while quality is measured.
inline constexpr std::int64_t qualityBatchSize = 256;

struct SpeedOptions {
    std::int64_t latencyBatch = 1;
    std::int64_t throughputBatch = 256;
    std::uint64_t seed = 0;
};
/// Latency at one batch, each subject with one thread or all that were set, whichever it is faster with; throughput at another batch with
/// all; both subjects interleaved. Returns the verdict on the latency.
[[nodiscard]] base::Result<measure::Speedup> measureSpeed(Subject& baseline, Subject& optimized, runtime::Device device,
                                                          const data::Dataset& dataset, const SpeedOptions& options, const base::Job& job);

/// The layer table: kernels and time per instruction from the plan, with as many threads as its latency was measured with, losses from the
/// stages that made the subject of `original`.
[[nodiscard]] base::Result<> measureLayers(Subject& subject, runtime::Device device, const data::Dataset& dataset,
                                           const graph::Graph& original, const std::vector<Stage>& stages);

/// Fills in what the rounding of its input costs each layer of the table, on a batch of test samples. `simulated`: the subject's graph in
/// QuantizationMode::Simulated.
[[nodiscard]] base::Result<> measureActivations(Subject& subject, runtime::Plan& simulated, runtime::Device device,
                                                const data::Dataset& dataset);

/// The first test samples (training samples where there are no others; repeated when there are too few) as the arguments of one call on the
/// device: `wanted` of them, or as many as the model insists on.
[[nodiscard]] std::vector<c10::IValue> testCall(const data::Dataset& dataset, runtime::Device device, std::int64_t wanted);

} // namespace lathe::engine
