#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include <core/base/result.h>
#include <core/runtime/kernels/kernel_choices.h>

namespace lathe::runtime {

/// How many samples stand in front of all inputs; nothing where they have not the same number, or are no tensors.
[[nodiscard]] std::optional<std::int64_t> sampleCount(std::span<const c10::IValue> inputs);
/// Some of the samples of a call that has a number of them.
[[nodiscard]] std::vector<c10::IValue> samplesOf(std::span<const c10::IValue> inputs, std::int64_t begin, std::int64_t count);

/// How a plan does calls of many samples whose results do not depend on one another (graph::isBatchSeparable): in passes of some of them,
/// each through the whole plan, so that what one layer hands to the next is still in the cache (core/decisions/0023). Not thread-safe.
class BatchPasses {
public:
    /// `form`: equal for plans that take the same time.
    explicit BatchPasses(std::string form) : m_form(std::move(form)) {}

    /// One pass through the plan.
    using Run = std::function<base::Result<>(std::span<const c10::IValue> inputs, std::vector<c10::IValue>& outputs)>;

    /// How many samples to give to each pass of a call with these inputs; nothing: all at once. The first call of each size measures that,
    /// or finds it remembered where times of kernels are (kernel_choices.h); where sizes differ from call to call, later ones are done
    /// whole.
    [[nodiscard]] std::optional<std::int64_t> samplesFor(std::span<const c10::IValue> inputs, const Run& run);
    /// The same as it is known by now: nothing is measured.
    [[nodiscard]] std::optional<std::int64_t> knownSamplesFor(std::span<const c10::IValue> inputs) const;
    /// Does the call in passes of `samples`. False where a pass fails, or gives something else than tensors with all samples along their
    /// first dimension: then `outputs` is as it was.
    [[nodiscard]] static bool run(std::span<const c10::IValue> inputs, std::int64_t samples, const Run& pass,
                                  std::vector<c10::IValue>& outputs);

private:
    struct Known {
        std::vector<std::int64_t> sizes; ///< of all inputs but for the number of samples
        int threads = 1;
        std::int64_t count = 0;   ///< samples of the call that it was found with
        std::int64_t samples = 0; ///< of a pass

        /// Where several passes are better than one they are so for any number of samples; where one is, larger calls may be another
        /// matter.
        [[nodiscard]] bool tells(std::int64_t ofCall) const { return samples < count || ofCall <= count; }
        [[nodiscard]] std::optional<std::int64_t> samplesFor(std::int64_t ofCall) const {
            return samples < ofCall ? std::optional(samples) : std::nullopt;
        }
    };
    [[nodiscard]] const Known* known(std::span<const c10::IValue> inputs) const;
    [[nodiscard]] std::int64_t found(std::span<const c10::IValue> inputs, std::int64_t count, const Run& run) const;

    std::string m_form;
    std::vector<Known> m_known;
};

/// Microseconds for each sample in passes of 1, 2, 4, … and `count` of them, by their number, until passes are clearly slower than smaller
/// ones. `timeOf` gives microseconds of one pass; nothing: no more.
[[nodiscard]] KernelTimes timePasses(std::int64_t count, const std::function<std::optional<double>(std::int64_t samples)>& timeOf);
/// The largest number of samples among those that are as good as the best; `count` where nothing was measured.
[[nodiscard]] std::int64_t bestPass(const KernelTimes& microsecondsPerSample, std::int64_t count);

} // namespace lathe::runtime
