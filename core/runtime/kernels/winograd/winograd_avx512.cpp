#define LATHE_VECTOR_TARGET __attribute__((target("avx512f,fma")))
#define LATHE_VECTOR_LANES 16
#define LATHE_VECTOR_ROWS 12
#include <core/runtime/kernels/winograd/winograd_loops.h>

namespace lathe::runtime {

const WinogradLoops& winogradLoopsAvx512() { return loops; }

} // namespace lathe::runtime
