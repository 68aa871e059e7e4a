#include <core/base/model_formats.h>

#include <algorithm>

#include <core/base/translatable.h>

namespace lathe::base {

const std::vector<ModelFormat>& modelFormats() {
    static const std::vector<ModelFormat> formats{
        {.id = "torchscript",
         .endings = {".pt", ".pth", ".jit", ".ts"},
         .name = translatable("ModelFormat", "TorchScript (.pt)"),
         .menu = translatable("ModelFormat", "&TorchScript…"),
         .title = translatable("ModelFormat", "TorchScript model"),
         .purpose = translatable("ModelFormat", "The optimized model, for LibTorch and PyTorch without Lathe.")},
        {.id = "pt2",
         .endings = {".pt2"},
         .name = translatable("ModelFormat", "torch.export (.pt2)"),
         .menu = translatable("ModelFormat", "torch.&export (.pt2)…"),
         .title = translatable("ModelFormat", "torch.export program"),
         .purpose = translatable("ModelFormat", "The optimized model with its quantize and dequantize operators, for torch.export.load.")},
        {.id = "onnx",
         .endings = {".onnx"},
         .name = translatable("ModelFormat", "ONNX (.onnx)"),
         .menu = translatable("ModelFormat", "&ONNX…"),
         .title = translatable("ModelFormat", "ONNX model"),
         .purpose =
             translatable("ModelFormat", "The optimized model with QuantizeLinear and DequantizeLinear, for ONNX Runtime and others.")},
    };
    return formats;
}

const ModelFormat* findModelFormat(std::string_view id) {
    const auto found = std::ranges::find(modelFormats(), id, &ModelFormat::id);
    return found == modelFormats().end() ? nullptr : &*found;
}

} // namespace lathe::base
