#pragma once

#include <cstdint>

#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/winograd/winograd_job.h>

namespace lathe::runtime {

/// Lets threads share `count` items of a chunk: `work` gets a WinogradRange.
template<class Work>
void shareWinograd(std::int64_t count, int threads, const Work& work) {
    if (threads == 1) return work(WinogradRange{0, count});
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) { work(WinogradRange{begin, end}); });
}

} // namespace lathe::runtime
