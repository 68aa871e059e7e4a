#include <core/runtime/kernels/vision/roi_align.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <ATen/ops/zeros.h>
#include <torch/library.h>

#include <core/graph/operators/library_names.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/vision/vision_operator_torch.h>

namespace lathe::runtime {

namespace {

/// A place between two pixels of one axis: which they are, and how much the second counts. Nothing counts outside of the image.
struct Place {
    std::int64_t first = 0, second = 0;
    float share = 0;
    bool isInside = false;
};

Place placeOf(float at, std::int64_t size) {
    if (at < -1 || at > static_cast<float>(size)) return {};
    at = std::max(at, 0.0F);
    const auto first = static_cast<std::int64_t>(at);
    if (first >= size - 1) return {size - 1, size - 1, 0, true};
    return {first, first + 1, at - static_cast<float>(first), true};
}

/// The samples along one axis of a region: `pooled` bins of `perBin` places each.
std::vector<Place> placesOf(float start, float extent, std::int64_t pooled, std::int64_t perBin, std::int64_t size) {
    const float bin = extent / static_cast<float>(pooled);
    std::vector<Place> places;
    for (std::int64_t index = 0; index < pooled; ++index) {
        for (std::int64_t sample = 0; sample < perBin; ++sample) {
            const float within = (static_cast<float>(sample) + 0.5F) * bin / static_cast<float>(perBin);
            places.push_back(placeOf(start + static_cast<float>(index) * bin + within, size));
        }
    }
    return places;
}

/// What the four pixels around a sample contribute to it.
std::array<float, 4> sharesOf(const float* plane, std::int64_t width, const Place& row, const Place& column) {
    if (!row.isInside || !column.isInside) return {};
    const float *upper = plane + row.first * width, *lower = plane + row.second * width;
    const float up = 1 - row.share, left = 1 - column.share;
    return {upper[column.first] * (up * left), upper[column.second] * (up * column.share), lower[column.first] * (row.share * left),
            lower[column.second] * (row.share * column.share)};
}

/// What becomes of the samples of a bin: their mean, or the largest share that a pixel has in one of them, as ONNX Runtime has it.
enum class Pooling { Mean, Largest };

at::Tensor pooled(const at::Tensor& input, const at::Tensor& regions, double scale, std::int64_t pooledHeight, std::int64_t pooledWidth,
                  std::int64_t samplingRatio, bool isAligned, Pooling pooling) {
    TORCH_CHECK(input.dim() == 4 && regions.dim() == 2 && regions.size(1) == 5 && pooledHeight > 0 && pooledWidth > 0,
                "roi_align takes images of four dimensions and regions [n, 5]");
    const at::Tensor images = input.to(at::kCPU, at::kFloat).contiguous(), rois = regions.to(at::kCPU, at::kFloat).contiguous();
    const std::int64_t channels = images.size(1), height = images.size(2), width = images.size(3);
    at::Tensor output = at::zeros({rois.size(0), channels, pooledHeight, pooledWidth}, at::kFloat);
    const float offset = isAligned ? 0.5F : 0.0F, factor = static_cast<float>(scale);
    for (std::int64_t index = 0; index < rois.size(0); ++index) {
        const float* roi = rois.const_data_ptr<float>() + 5 * index;
        const auto image = static_cast<std::int64_t>(roi[0]);
        TORCH_CHECK(image >= 0 && image < images.size(0), "roi_align has a region of image ", image, ", which does not exist");
        const float left = roi[1] * factor - offset, top = roi[2] * factor - offset;
        float extentX = roi[3] * factor - offset - left, extentY = roi[4] * factor - offset - top;
        if (!isAligned) {
            extentX = std::max(extentX, 1.0F);
            extentY = std::max(extentY, 1.0F);
        }
        TORCH_CHECK(std::abs(extentX) < 1e6F && std::abs(extentY) < 1e6F, "roi_align has a region that is too large");
        const auto samples = [&](float extent, std::int64_t pooled) {
            if (samplingRatio > 0) return samplingRatio;
            return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(extent / static_cast<float>(pooled))));
        };
        const std::int64_t perBinY = samples(extentY, pooledHeight), perBinX = samples(extentX, pooledWidth);
        const auto rows = placesOf(top, extentY, pooledHeight, perBinY, height);
        const auto columns = placesOf(left, extentX, pooledWidth, perBinX, width);
        const auto count = static_cast<float>(std::max<std::int64_t>(perBinY * perBinX, 1));
        at::parallel_for(0, channels, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t channel = begin; channel < end; ++channel) {
                const float* plane = images.const_data_ptr<float>() + (image * channels + channel) * height * width;
                float* target = output.data_ptr<float>() + (index * channels + channel) * pooledHeight * pooledWidth;
                for (std::int64_t bin = 0; bin < pooledHeight * pooledWidth; ++bin) {
                    const Place *binRows = rows.data() + bin / pooledWidth * perBinY,
                                *binColumns = columns.data() + bin % pooledWidth * perBinX;
                    float sum = 0, largest = perBinY * perBinX > 0 ? -std::numeric_limits<float>::infinity() : 0;
                    for (std::int64_t y = 0; y < perBinY; ++y) {
                        for (std::int64_t x = 0; x < perBinX; ++x) {
                            const std::array<float, 4> shares = sharesOf(plane, width, binRows[y], binColumns[x]);
                            sum += shares[0] + shares[1] + shares[2] + shares[3];
                            largest = std::max(largest, *std::ranges::max_element(shares));
                        }
                    }
                    target[bin] = pooling == Pooling::Mean ? sum / count : largest;
                }
            }
        });
    }
    return output.to(input.options());
}

template<Pooling How>
at::Tensor fromStack(const torch::jit::Stack& stack) {
    return pooled(stack[0].toTensor(), stack[1].toTensor(), stack[2].toDouble(), stack[3].toInt(), stack[4].toInt(), stack[5].toInt(),
                  stack[6].toBool(), How);
}

at::Tensor torchvisionRoiAlign(const at::Tensor& input, const at::Tensor& regions, double scale, std::int64_t pooledHeight,
                               std::int64_t pooledWidth, std::int64_t samplingRatio, bool isAligned) {
    return pooled(input, regions, scale, pooledHeight, pooledWidth, samplingRatio, isAligned, Pooling::Mean);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const bool isMean = node.op == graph::op::roiAlign;
    return makeVisionOperator(context, node, info, isMean ? "roi_align" : "roi_align_max",
                              isMean ? fromStack<Pooling::Mean> : fromStack<Pooling::Largest>);
}

} // namespace

TORCH_LIBRARY_IMPL(torchvision, CompositeExplicitAutograd, library) { library.impl("roi_align", torchvisionRoiAlign); }

KernelDefinition roiAlign() {
    return {.id = "lathe.roi_align",
            .words = "roi_align",
            .ops = {graph::op::roiAlign, graph::op::roiAlignMax},
            .accepts = acceptsAll,
            .make = make};
}

} // namespace lathe::runtime
