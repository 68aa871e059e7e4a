// Whatever the bytes, readPickle gives values that only refer to each other, and tensors that lie in their record.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/formats/archive/pickle.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    constexpr std::uint64_t recordBytes = 64;
    const formats::PickleRules rules{[](std::string_view, std::string_view) { return true; }, [](std::string_view) { return recordBytes; }};
    const auto pickle = formats::readPickle({reinterpret_cast<const char*>(data), size}, rules);
    if (!pickle) {
        if (pickle.error().message.empty()) std::abort();
        return 0;
    }
    if (pickle->root >= pickle->values.size()) std::abort();
    for (const formats::PickleValue& value : pickle->values) {
        for (const std::uint32_t item : value.items)
            if (item >= pickle->values.size()) std::abort();
    }
    for (const formats::PickledTensor& tensor : pickle->tensors) {
        if (!tensor.dtype || tensor::elementCount(tensor.shape) == 0) continue;
        std::int64_t last = tensor.offset;
        for (std::size_t i = 0; i < tensor.shape.size(); ++i)
            last += (tensor.shape[i] - 1) * tensor.strides[i];
        if (last < 0 || static_cast<std::uint64_t>(last + 1) * tensor::byteSize(*tensor.dtype) > recordBytes) std::abort();
    }
    return 0;
}
