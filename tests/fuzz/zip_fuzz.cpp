// Archives come from strangers: whatever the bytes, checkZip answers with entries that lie inside or with a sentence, and what it lets pass
// can be unpacked and its pickles looked at.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/formats/archive/pickle_check.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const std::string_view archive(reinterpret_cast<const char*>(data), size);
    const auto entries = formats::checkZip(archive);
    if (!entries) {
        if (entries.error().message.empty()) std::abort();
        return 0;
    }
    for (const formats::ZipEntry& entry : *entries) {
        const auto content = formats::unpack(archive, entry);
        if (!content || content->size() != entry.bytes) std::abort();
    }
    if (const auto checked = formats::checkPickles(archive, *entries); !checked && checked.error().message.empty()) std::abort();
    return 0;
}
