#include <core/runtime/kernels/bytes/pair_bytes.h>

#include <algorithm>

#include <ATen/ExpandUtils.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/kernels/bytes/byte_arithmetic.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/lowering/patterns/byte_pair.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

ByteArithmetic numbersOf(const BytePair& pair) {
    const auto operand = [](const ActivationGrid& grid) {
        return ByteOperand{static_cast<float>(grid.scale), static_cast<std::int32_t>(grid.zeroPoint)};
    };
    const ActivationGrid& grid = pair.output;
    ByteArithmetic numbers{operand(pair.left), operand(pair.right), static_cast<float>(1.0 / grid.scale), 0, 0, 0};
    // Limiting before or after multiplying with a positive number is the same, to the bit.
    const auto limit = [&](float bound) {
        return std::clamp(bound * numbers.inverseScale, static_cast<float>(grid.minimum - grid.zeroPoint),
                          static_cast<float>(grid.maximum - grid.zeroPoint));
    };
    numbers.low = limit(pair.activation.low);
    numbers.high = limit(pair.activation.high);
    numbers.zeroPoint = static_cast<std::int32_t>(grid.zeroPoint);
    return numbers;
}

using Compute = void (*)(const ByteArithmetic&, const std::uint8_t*, const std::uint8_t*, std::int64_t, std::int64_t, std::uint8_t*,
                         Int8Instructions);

const std::uint8_t* bytesOf(const at::Tensor& tensor) { return static_cast<const std::uint8_t*>(tensor.const_data_ptr()); }

/// One number for each channel of each image: what squeeze and excitation multiply with.
bool isOfChannels(const at::Tensor& tensor, at::IntArrayRef sizes) {
    return sizes.size() == 4 && tensor.dim() == 4 && tensor.size(0) == sizes[0] && tensor.size(1) == sizes[1] && tensor.size(2) == 1 &&
           tensor.size(3) == 1 && sizes[2] * sizes[3] > 1;
}

struct Side {
    at::Tensor tensor;
    bool mayReplace = false; ///< nobody else needs what is in its memory
};

at::Tensor computePair(Side left, Side right, const ByteArithmetic& numbers, const ActivationGrid& grid, const at::QuantizerPtr& quantizer,
                       Compute compute) {
    const at::DimVector sizes = at::infer_size_dimvector(left.tensor.sizes(), right.tensor.sizes());
    const bool isOfChannelsRight = isOfChannels(right.tensor, sizes);
    if (isOfChannels(left.tensor, sizes) && !isOfChannelsRight) { // sums and products do not mind
        ByteArithmetic swapped = numbers;
        std::swap(swapped.left, swapped.right);
        return computePair(std::move(right), std::move(left), swapped, grid, quantizer, compute);
    }
    const bool isWide = left.tensor.sizes() == at::IntArrayRef(sizes);
    const at::MemoryFormat format =
        isOfChannelsRight ? at::MemoryFormat::ChannelsLast : (isWide ? left : right).tensor.suggest_memory_format();
    const auto ordered = [&](const at::Tensor& tensor) {
        return (tensor.sizes() == at::IntArrayRef(sizes) ? tensor : tensor.expand(sizes)).contiguous(format);
    };
    if (!isWide || !left.tensor.is_contiguous(format)) left.tensor = ordered(left.tensor);
    const std::uint8_t* const first = bytesOf(left.tensor);
    at::Tensor result = left.mayReplace ? replacedBytes(left.tensor, grid, quantizer, format) : emptyBytes(sizes, grid, format);
    auto* out = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    constexpr std::int64_t grainElements = 1 << 16; // about 20 µs of work
    if (isOfChannelsRight) {
        const at::Tensor second = right.tensor.contiguous();
        const std::int64_t channels = sizes[1], pixels = sizes[2] * sizes[3];
        const std::int64_t grain = std::max<std::int64_t>(1, grainElements / std::max<std::int64_t>(1, channels));
        at::parallel_for(0, sizes[0] * pixels, grain, [&](std::int64_t begin, std::int64_t end) {
            while (begin < end) {
                const std::int64_t image = begin / pixels, some = std::min(end, (image + 1) * pixels) - begin;
                compute(numbers, first + begin * channels, bytesOf(second) + image * channels, some, channels, out + begin * channels,
                        int8Instructions());
                begin += some;
            }
        });
        return result;
    }
    const at::Tensor second = ordered(right.tensor);
    at::parallel_for(0, result.numel(), grainElements, [&](std::int64_t begin, std::int64_t end) {
        compute(numbers, first + begin, bytesOf(second) + begin, 1, end - begin, out + begin, int8Instructions());
    });
    return result;
}

Made makePair(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& pair = *context.lowered.payload<BytePair>(node);
    const bool isSum = node.op == op::sumBytes;
    info.kernel = isSum ? "Lathe byte add" : "Lathe byte mul";
    if (pair.activation != ActivationRange{})
        info.kernel += pair.activation == ActivationRange{0, ActivationRange{}.high} ? "+relu" : "+clamp";
    const graph::Call call(node);
    const graph::ValueId left = *call.value("left"), right = *call.value("right");
    return makeInstruction([numbers = numbersOf(pair), grid = pair.output, quantizer = quantizerOf(pair.output),
                            compute = isSum ? &addBytes : &multiplyBytes, left, right, result = node.results[0]](Execution& execution) {
        const auto side = [&](graph::ValueId id) {
            const bool isLast = left != right && isLastReader(execution, id);
            return Side{isLast ? std::move(execution.slot(id)).toTensor() : execution.tensor(id), isLast};
        };
        execution.slot(result) = computePair(side(left), side(right), numbers, grid, quantizer, compute);
    });
}

} // namespace

KernelDefinition pairBytes() {
    return {.id = "lathe.bytes.pair",
            .words = "Lathe byte arithmetic",
            .ops = {op::sumBytes, op::productBytes},
            .accepts = acceptsAll,
            .make = makePair};
}

} // namespace lathe::runtime
