// Models come from strangers: whatever the bytes, the reader answers with a graph that holds together or with a sentence.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/formats/onnx/reader.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const auto model = formats::readOnnx({reinterpret_cast<const char*>(data), size}, "/nonexistent", "fuzz.onnx");
    if (!model) {
        if (model.error().message.empty()) std::abort();
        return 0;
    }
    if (!graph::verify(model->graph)) std::abort();
    if (graph::text(model->graph).empty()) std::abort();
    return 0;
}
