#define LATHE_VECTOR_TARGET __attribute__((target("avx512f,fma")))
#define LATHE_VECTOR_LANES 16
#define LATHE_VECTOR_ROWS 6
#include <core/runtime/kernels/direct/direct_loops.h>

namespace lathe::runtime {

const DirectLoops& directLoopsAvx512() { return loops; }

} // namespace lathe::runtime
