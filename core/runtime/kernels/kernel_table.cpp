#include <core/runtime/kernels/kernel_table.h>

#include <unordered_map>

#include <core/runtime/kernels/aten/aten_float_layer.h>
#include <core/runtime/kernels/aten/fused_relu.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>
#include <core/runtime/kernels/aten/lookup.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/bfloat16_attention.h>
#include <core/runtime/kernels/attention/flash_attention.h>
#include <core/runtime/kernels/attention/float_attention.h>
#include <core/runtime/kernels/attention/onednn_attention.h>
#include <core/runtime/kernels/bytes/concatenate_bytes.h>
#include <core/runtime/kernels/bytes/dequantize_bytes.h>
#include <core/runtime/kernels/bytes/max_pool_bytes.h>
#include <core/runtime/kernels/bytes/mean_bytes.h>
#include <core/runtime/kernels/bytes/pair_bytes.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/bytes/restored_weight.h>
#include <core/runtime/kernels/bytes/table_bytes.h>
#include <core/runtime/kernels/direct/direct_layer.h>
#include <core/runtime/kernels/int8/fbgemm_layer.h>
#include <core/runtime/kernels/int8/int8_acc16.h>
#include <core/runtime/kernels/int8/int8_convolution.h>
#include <core/runtime/kernels/int8/int8_depthwise.h>
#include <core/runtime/kernels/int8/int8_few_inputs.h>
#include <core/runtime/kernels/int8/int8_linear.h>
#include <core/runtime/kernels/onednn/onednn_dynamic_linear.h>
#include <core/runtime/kernels/onednn/onednn_float_layer.h>
#include <core/runtime/kernels/onednn/onednn_int8_layer.h>
#include <core/runtime/kernels/pooling/max_pool_torch.h>
#include <core/runtime/kernels/simulated/choose_grid.h>
#include <core/runtime/kernels/simulated/dynamic_qdq.h>
#include <core/runtime/kernels/simulated/static_qdq.h>
#include <core/runtime/kernels/structure/structure.h>
#include <core/runtime/kernels/vision/deform_conv2d.h>
#include <core/runtime/kernels/vision/non_max_suppression.h>
#include <core/runtime/kernels/vision/roi_align.h>
#include <core/runtime/kernels/winograd/winograd_int8_layer.h>
#include <core/runtime/kernels/winograd/winograd_layer.h>

namespace lathe::runtime {

const std::vector<KernelDefinition>& kernels() {
    static const std::vector<KernelDefinition> definitions{
        // Layers of bytes
        int8Acc16(),
        int8Convolution(),
        int8Depthwise(),
        int8FewInputs(),
        int8Linear(),
        fbgemmLayer(),
        onednnInt8Layer(),
        onednnDynamicLinear(),
        winogradInt8Layer(),
        // What lies between them
        quantizeBytes(),
        maxPoolBytes(),
        tableBytes(),
        pairBytes(),
        meanBytes(),
        concatenateBytes(),
        dequantizeBytes(),
        restoredWeight(),
        // Weights that share their numbers
        lookup(),
        // Quantization in float arithmetic
        staticQdq(),
        dynamicQdq(),
        chooseGrid(),
        // No arithmetic
        listOrTuple(),
        dictionary(),
        appended(),
        unpacked(),
        tupleElement(),
        keptState(),
        same(),
        // Boxes and regions of images
        boxSuppression(),
        classSuppression(),
        roiAlign(),
        deformConv2d(),
        // Float
        fusedRelu(),
        maxPoolFloats(),
        onednnFloatLayer(),
        onednnBfloat16Layer(),
        winogradLayer2(),
        winogradLayer4(),
        directLayer(),
        attentionParts(),
        flashAttention(),
        onednnAttention(),
        bfloat16Attention(),
        floatAttention(),
        atenFloatLayer(),
        libraryOperator(),
    };
    return definitions;
}

std::span<const KernelDefinition* const> kernelsFor(std::string_view op) {
    using Candidates = std::vector<const KernelDefinition*>;
    static const auto byOperator = [] {
        std::unordered_map<std::string_view, Candidates> made;
        for (const KernelDefinition& kernel : kernels()) {
            for (const std::string_view computed : kernel.ops)
                made[computed].push_back(&kernel);
        }
        return made;
    }();
    static const Candidates others{&kernels().back()};
    const auto found = byOperator.find(op);
    return found == byOperator.end() ? others : found->second;
}

} // namespace lathe::runtime
