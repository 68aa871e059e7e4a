#include <core/runtime/onednn/engine.h>

namespace lathe::runtime {

dnnl::engine& cpu() {
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream& stream() {
    thread_local dnnl::stream made(cpu());
    return made;
}

} // namespace lathe::runtime
