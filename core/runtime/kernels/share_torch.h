#pragma once

#include <cstdint>

#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

/// Lets so many threads share `count` items that are each worth one: `work` gets the first of some and the one behind their last. One
/// thread is this one.
template<class Work>
void shareAmong(int threads, std::int64_t count, const Work& work) {
    if (threads == 1) return work(std::int64_t{0}, count);
    at::parallel_for(0, count, 1, work);
}

} // namespace lathe::runtime
