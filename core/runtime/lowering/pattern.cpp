#include <core/runtime/lowering/pattern.h>

#include <core/runtime/lowering/patterns/attention.h>
#include <core/runtime/lowering/patterns/byte_concatenation.h>
#include <core/runtime/lowering/patterns/byte_curve.h>
#include <core/runtime/lowering/patterns/byte_mean.h>
#include <core/runtime/lowering/patterns/byte_operator.h>
#include <core/runtime/lowering/patterns/byte_pair.h>
#include <core/runtime/lowering/patterns/dequantized.h>
#include <core/runtime/lowering/patterns/dynamic_layer.h>
#include <core/runtime/lowering/patterns/float_layer.h>
#include <core/runtime/lowering/patterns/quantized.h>
#include <core/runtime/lowering/patterns/residual_addition.h>
#include <core/runtime/lowering/patterns/static_convolution.h>
#include <core/runtime/lowering/patterns/static_linear.h>
#include <core/runtime/lowering/patterns/weight_only.h>
#include <core/runtime/lowering/patterns/widened.h>

namespace lathe::runtime {

const std::vector<LoweringPattern>& loweringPatterns() {
    static const std::vector<LoweringPattern> patterns{
        lowerDequantized,       // bytes that somebody needs as floats
        lowerQuantized,         // floats that become bytes
        lowerWidened,           // halves that somebody needs as floats
        lowerWeightOnly,        // integer weights of float layers
        lowerStaticConvolution, // layers of bytes
        lowerStaticLinear,      //
        lowerDynamicLayer,      // layers that choose the range of their input
        lowerAttention,         // products of queries, keys and values
        lowerFloatLayer,        // all others
        lowerResidualAddition,  // sums that a layer takes in
        lowerBytePair,          // sums and products of bytes
        lowerByteCurve,         // functions of one number
        lowerByteMean,          // averages of images
        lowerByteConcatenation, // bytes side by side
        lowerByteOperator,      // what moves or compares bytes
    };
    return patterns;
}

} // namespace lathe::runtime
