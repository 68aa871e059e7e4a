// Exported programs come from strangers: whatever the JSON, reading answers with a graph that holds the IR's rules or with a sentence, and
// a graph that can be written is read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/formats/exported_program/emitter.h>
#include <core/formats/exported_program/reader.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    // Names and shapes of the corpus.
    static const formats::ExportedWeights weights{{"conv.weight", tensor::Tensor::zeros(tensor::DType::Float32, {2, 1, 3, 3})},
                                                  {"fc.weight", tensor::Tensor::zeros(tensor::DType::Float32, {3, 4})},
                                                  {"fc.bias", tensor::Tensor::zeros(tensor::DType::Float32, {3})},
                                                  {"norm.running_mean", tensor::Tensor::zeros(tensor::DType::Float32, {2})},
                                                  {"norm.running_var", tensor::Tensor::zeros(tensor::DType::Float32, {2})},
                                                  {"bytes", tensor::Tensor::zeros(tensor::DType::Int8, {3, 4})}};
    const auto model = formats::readProgram({reinterpret_cast<const char*>(data), size}, weights);
    if (!model) {
        if (model.error().message.empty()) std::abort();
        return 0;
    }
    if (!graph::verify(model->graph)) std::abort();
    const auto emitted = formats::emitProgram(model->graph);
    if (!emitted) {
        if (emitted.error().message.empty()) std::abort();
        return 0;
    }
    if (!formats::readProgram(emitted->program.dump(), weights)) std::abort();
    return 0;
}
