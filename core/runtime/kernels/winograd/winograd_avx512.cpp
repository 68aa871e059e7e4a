#define LATHE_WINOGRAD_TARGET __attribute__((target("avx512f,fma")))
#define LATHE_WINOGRAD_LANES 16
#define LATHE_WINOGRAD_ROWS 12
#include <core/runtime/kernels/winograd/winograd_loops.h>

namespace lathe::runtime {

const WinogradLoops& winogradLoopsAvx512() { return loops; }

} // namespace lathe::runtime
