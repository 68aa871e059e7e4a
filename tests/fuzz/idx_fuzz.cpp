// Whatever the bytes of an IDX file, plain or packed by gzip, the reader gives an array or a sentence.
#include <cstdlib>

#include <core/data/idx_reader.h>
#include <tests/fuzz/memory_file.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const fuzz::MemoryFile file(data, size);
    if (!file.isWritten()) return 0;
    const auto array = data::readIdx(file.path());
    if (!array && array.error().message.empty()) std::abort();
    if (array && array->toFloats().size() != static_cast<std::size_t>(array->elementCount())) std::abort();
    return 0;
}
