// An array that parseNpy accepts survives being written.
#include <cstdint>
#include <cstdlib>

#include <core/data/npy.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    const auto array = data::parseNpy({bytes, bytes + size});
    if (!array) {
        if (array.error().message.empty()) std::abort();
        return 0;
    }
    const std::string written = data::formatNpy(*array);
    const auto* begin = reinterpret_cast<const std::byte*>(written.data());
    const auto again = data::parseNpy({begin, begin + written.size()});
    if (!again || !again->sameContent(*array)) std::abort();
    return 0;
}
