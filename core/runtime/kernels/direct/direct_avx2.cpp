#define LATHE_VECTOR_TARGET __attribute__((target("avx2,fma")))
#define LATHE_VECTOR_LANES 8
#define LATHE_VECTOR_ROWS 6
#include <core/runtime/kernels/direct/direct_loops.h>

namespace lathe::runtime {

const DirectLoops& directLoopsAvx2() { return loops; }

} // namespace lathe::runtime
