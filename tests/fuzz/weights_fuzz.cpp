// Weights come from strangers: every element of what the readers of safetensors and state dicts return can be read.
#include <cstdint>
#include <cstdlib>

#include <core/formats/weights/safetensors_reader.h>
#include <core/formats/weights/state_dict_reader.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto isZip = size > 0 && data[0] == 'P';
    const auto weights = isZip ? formats::readStateDict(bytes, nullptr) : formats::readSafetensors(bytes, nullptr);
    if (!weights) {
        if (weights.error().message.empty()) std::abort();
        return 0;
    }
    for (const auto& [name, tensor] : *weights) {
        // Strides of 0 make any size of few bytes.
        if (tensor.elementCount() > 1'000'000) continue;
        if (tensor.toFloats().size() != static_cast<std::size_t>(tensor.elementCount())) std::abort();
    }
    return 0;
}
