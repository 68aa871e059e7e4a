#include <core/runtime/kernels/attention/float_head.h>

#include <core/runtime/cpu.h>

namespace lathe::runtime {

const FloatHeadLoops* floatHeadLoops() {
    if (mayUseAvx512()) return &floatHeadLoopsAvx512();
    return cpuHasAvx2() ? &floatHeadLoopsAvx2() : nullptr;
}

} // namespace lathe::runtime
