#include <core/runtime/kernels/vision/deform_conv2d.h>

#include <cmath>

#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <torch/library.h>

#include <core/graph/operators/library_names.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/vision/vision_operator_torch.h>

namespace lathe::runtime {

namespace {

/// Between the four pixels around; those outside of the image are 0.
float sample(const float* plane, std::int64_t height, std::int64_t width, float y, float x) {
    const float top = std::floor(y), left = std::floor(x);
    // Offsets come from the model: whatever they are, no number is cast that an integer does not hold.
    if (!(top >= -1 && top < static_cast<float>(height) && left >= -1 && left < static_cast<float>(width))) return 0;
    const auto row = static_cast<std::int64_t>(top), column = static_cast<std::int64_t>(left);
    const auto pixel = [&](std::int64_t at, std::int64_t beside) {
        return at < 0 || at >= height || beside < 0 || beside >= width ? 0.0F : plane[at * width + beside];
    };
    const float down = y - top, right = x - left;
    return (1 - down) * ((1 - right) * pixel(row, column) + right * pixel(row, column + 1)) +
           down * ((1 - right) * pixel(row + 1, column) + right * pixel(row + 1, column + 1));
}

struct Geometry {
    std::int64_t strideY, strideX, padY, padX, dilationY, dilationX, offsetGroups;
    std::int64_t channels, height, width, kernelY, kernelX, rows, columns; ///< rows and columns of the result
};

/// What the kernel sees of one image: [channels · kernel, rows · columns].
void lookUp(const Geometry& shape, const float* image, const float* offset, const float* mask, float* seen) {
    const std::int64_t kernel = shape.kernelY * shape.kernelX, places = shape.rows * shape.columns;
    at::parallel_for(0, shape.channels * kernel, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t index = begin; index < end; ++index) {
            const std::int64_t channel = index / kernel, tap = index % kernel;
            const std::int64_t group = channel / (shape.channels / shape.offsetGroups);
            const float* plane = image + channel * shape.height * shape.width;
            const float* down = offset + 2 * (group * kernel + tap) * places;
            const float* right = down + places;
            const float* share = mask == nullptr ? nullptr : mask + (group * kernel + tap) * places;
            for (std::int64_t place = 0; place < places; ++place) {
                const std::int64_t y = place / shape.columns * shape.strideY - shape.padY + tap / shape.kernelX * shape.dilationY;
                const std::int64_t x = place % shape.columns * shape.strideX - shape.padX + tap % shape.kernelX * shape.dilationX;
                const float value =
                    sample(plane, shape.height, shape.width, static_cast<float>(y) + down[place], static_cast<float>(x) + right[place]);
                seen[index * places + place] = share == nullptr ? value : value * share[place];
            }
        }
    });
}

std::int64_t placesAlong(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t pad, std::int64_t dilation) {
    return (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
}

at::Tensor torchvisionDeformConv2d(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& offset, const at::Tensor& mask,
                                   const at::Tensor& bias, std::int64_t strideY, std::int64_t strideX, std::int64_t padY, std::int64_t padX,
                                   std::int64_t dilationY, std::int64_t dilationX, std::int64_t groups, std::int64_t offsetGroups,
                                   bool usesMask) {
    TORCH_CHECK(input.dim() == 4 && weight.dim() == 4 && offset.dim() == 4,
                "deform_conv2d takes images, weight and offsets of 4 dimensions");
    TORCH_CHECK(strideY > 0 && strideX > 0 && dilationY > 0 && dilationX > 0 && groups > 0 && offsetGroups > 0,
                "deform_conv2d takes strides, dilations and groups above 0");
    const auto floats = [](const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kFloat).contiguous(); };
    const at::Tensor images = floats(input), kernel = floats(weight), moves = floats(offset), shares = floats(mask);
    Geometry shape{strideY,        strideX,        padY,           padX,           dilationY,      dilationX, offsetGroups,
                   images.size(1), images.size(2), images.size(3), kernel.size(2), kernel.size(3), 0,         0};
    shape.rows = placesAlong(shape.height, shape.kernelY, strideY, padY, dilationY);
    shape.columns = placesAlong(shape.width, shape.kernelX, strideX, padX, dilationX);
    const std::int64_t count = images.size(0), taps = shape.kernelY * shape.kernelX, filters = kernel.size(0);
    TORCH_CHECK(shape.channels == kernel.size(1) * groups && filters % groups == 0 && shape.channels % offsetGroups == 0,
                "the channels of deform_conv2d do not fit its weight");
    const auto isFor = [&](const at::Tensor& tensor, std::int64_t planes) {
        return tensor.dim() == 4 && tensor.size(0) == count && tensor.size(1) == planes && tensor.size(2) == shape.rows &&
               tensor.size(3) == shape.columns;
    };
    TORCH_CHECK(isFor(moves, 2 * offsetGroups * taps) && (!usesMask || isFor(shares, offsetGroups * taps)),
                "the offsets or the mask of deform_conv2d do not fit its input");
    const at::Tensor filter = kernel.reshape({groups, filters / groups, kernel.size(1) * taps});
    at::Tensor output = at::empty({count, filters, shape.rows, shape.columns}, at::kFloat);
    at::Tensor seen = at::empty({groups, kernel.size(1) * taps, shape.rows * shape.columns}, at::kFloat);
    for (std::int64_t image = 0; image < count; ++image) {
        lookUp(shape, images.const_data_ptr<float>() + image * images.stride(0), moves.const_data_ptr<float>() + image * moves.stride(0),
               usesMask ? shares.const_data_ptr<float>() + image * shares.stride(0) : nullptr, seen.data_ptr<float>());
        output[image].copy_(at::bmm(filter, seen).reshape({filters, shape.rows, shape.columns}));
    }
    if (bias.numel() > 0) output.add_(floats(bias).reshape({1, -1, 1, 1}));
    return output.to(input.options());
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeVisionOperator(context, node, info, "deform_conv2d", [](const torch::jit::Stack& stack) {
        const auto tensor = [&](std::size_t index) { return stack[index].toTensor(); };
        const auto number = [&](std::size_t index) { return stack[index].toInt(); };
        return torchvisionDeformConv2d(tensor(0), tensor(1), tensor(2), tensor(3), tensor(4), number(5), number(6), number(7), number(8),
                                       number(9), number(10), number(11), number(12), stack[13].toBool());
    });
}

} // namespace

TORCH_LIBRARY_IMPL(torchvision, CompositeExplicitAutograd, library) { library.impl("deform_conv2d", torchvisionDeformConv2d); }

KernelDefinition deformConv2d() {
    return {.id = "lathe.deform_conv2d", .words = "deform_conv2d", .ops = {graph::op::deformConv2d}, .accepts = acceptsAll, .make = make};
}

} // namespace lathe::runtime
