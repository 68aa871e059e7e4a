// Whatever the bytes of an .npz archive, the reader gives arrays or a sentence.
#include <cstdlib>

#include <core/data/npz.h>
#include <tests/fuzz/memory_file.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const fuzz::MemoryFile file(data, size);
    if (!file.isWritten()) return 0;
    const auto arrays = data::readNpz(file.path());
    if (!arrays && arrays.error().message.empty()) std::abort();
    if (!arrays) return 0;
    for (const auto& [name, array] : *arrays)
        if (array.toFloats().size() != static_cast<std::size_t>(array.elementCount())) std::abort();
    return 0;
}
