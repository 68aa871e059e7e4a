#include <core/base/memory.h>

#include <limits>

#include <malloc.h>

namespace lathe::base {

void keepFreedMemory() {
    // One arena: others than the first are made of pieces that are too small for large tensors.
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
    ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

} // namespace lathe::base
