#include <core/data/image.h>

#include <algorithm>
#include <memory>

#include <png.h>
#include <turbojpeg.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/from_blob.h>

#include <core/base/files.h>

namespace lathe::data {

namespace {

constexpr std::int64_t maxPixels = std::int64_t{1} << 28;
constexpr std::uintmax_t maxFileBytes = std::uintmax_t{1} << 29;

tl::unexpected<base::Error> rejected(const std::string& name, const base::Message& problem) {
    return base::failure(base::ErrorCode::Rejected, {"data.quotedFileProblem", {{"file", name}, {"problem", problem}}});
}

base::Result<> checkSize(const std::string& name, std::int64_t height, std::int64_t width) {
    if (height < 1 || width < 1 || height > maxPixels || width > maxPixels / height)
        return rejected(name, {"data.imageIsTooLarge", {{"height", height}, {"width", width}}});
    return {};
}

base::Result<Image> decodePng(std::string_view bytes, const std::string& name) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    const std::unique_ptr<png_image, decltype(&png_image_free)> freed(&png, png_image_free);
    if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0)
        return rejected(name, {"data.isDamagedPng", {{"reason", png.message}}});
    if (const auto size = checkSize(name, png.height, png.width); !size) return base::forward(size);
    png.format = PNG_FORMAT_RGB;
    Image image{png.height, png.width, 3, {}};
    image.pixels.resize(static_cast<std::size_t>(image.height * image.width * image.channels));
    constexpr png_color black{0, 0, 0};
    if (png_image_finish_read(&png, &black, image.pixels.data(), 0, nullptr) == 0)
        return rejected(name, {"data.isDamagedPng", {{"reason", png.message}}});
    return image;
}

base::Result<Image> decodeJpeg(std::string_view bytes, const std::string& name) {
    const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0, height = 0, sampling = 0, colours = 0;
    const auto damaged = [&] { return rejected(name, {"data.isDamagedJpeg", {{"reason", tjGetErrorStr2(decoder.get())}}}); };
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours) != 0) return damaged();
    if (const auto size = checkSize(name, height, width); !size) return base::forward(size);
    Image image{height, width, 3, {}};
    image.pixels.resize(static_cast<std::size_t>(image.height * image.width * image.channels));
    // A warning is an error here: a cut-off photo decodes to gray stripes that would be measured as if they were the picture.
    if (tjDecompress2(decoder.get(), data, bytes.size(), image.pixels.data(), width, 0, height, TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0)
        return damaged();
    return image;
}

} // namespace

base::Result<Image> decodeImage(std::string_view bytes, const std::string& name) {
    if (bytes.empty()) return rejected(name, {"data.isEmptyImage", {}});
    if (bytes.starts_with("\x89PNG")) return decodePng(bytes, name);
    if (bytes.starts_with("\xff\xd8")) return decodeJpeg(bytes, name);
    return rejected(name, {"data.isNoImage", {}});
}

Image grayOf(const Image& image) {
    Image gray{image.height, image.width, 1, {}};
    gray.pixels.resize(static_cast<std::size_t>(image.height * image.width));
    for (std::size_t pixel = 0; pixel < gray.pixels.size(); ++pixel) {
        const std::uint8_t* rgb = image.pixels.data() + 3 * pixel;
        gray.pixels[pixel] = static_cast<std::uint8_t>((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16U);
    }
    return gray;
}

base::Result<Image> readImage(const std::filesystem::path& file) {
    const auto bytes = base::readFile(file, maxFileBytes);
    if (!bytes) return base::forward(bytes);
    return decodeImage(*bytes, file.string());
}

Image resized(const Image& image, std::int64_t shorterSide) {
    const std::int64_t shorter = std::min(image.height, image.width);
    if (shorter == shorterSide) return image;
    // The longer side is cut to whole pixels, as torchvision does.
    const std::int64_t height = image.height * shorterSide / shorter, width = image.width * shorterSide / shorter;
    const at::Tensor pixels =
        at::from_blob(const_cast<std::uint8_t*>(image.pixels.data()), {1, image.height, image.width, image.channels}, at::kByte)
            .permute({0, 3, 1, 2})
            .to(at::kFloat);
    const at::Tensor scaled = at::_upsample_bilinear2d_aa(pixels, {height, width}, false);
    const at::Tensor bytes = scaled.round().clamp(0, 255).to(at::kByte).permute({0, 2, 3, 1}).contiguous();
    const auto* begin = bytes.const_data_ptr<std::uint8_t>();
    return {height, width, image.channels, {begin, begin + bytes.numel()}};
}

Image centerCropped(const Image& image, std::int64_t height, std::int64_t width) {
    Image result{height, width, image.channels, {}};
    result.pixels.resize(static_cast<std::size_t>(height * width * image.channels), 0);
    // Half to even for odd differences, as Python's round() in torchvision.
    const auto offset = [](std::int64_t whole, std::int64_t part) {
        const std::int64_t difference = whole - part;
        const std::int64_t half = difference / 2;
        return difference % 2 == 0 || half % 2 == 0 ? half : half + (difference > 0 ? 1 : -1);
    };
    const std::int64_t top = offset(image.height, height), left = offset(image.width, width);
    const std::int64_t firstColumn = std::max<std::int64_t>(0, -left), lastColumn = std::min(width, image.width - left);
    for (std::int64_t row = 0; row < height; ++row) {
        const std::int64_t from = row + top;
        if (from < 0 || from >= image.height || lastColumn <= firstColumn) continue;
        const auto* source = image.pixels.data() + (from * image.width + firstColumn + left) * image.channels;
        std::copy_n(source, (lastColumn - firstColumn) * image.channels,
                    result.pixels.data() + (row * width + firstColumn) * image.channels);
    }
    return result;
}

std::vector<std::uint8_t> channelsFirst(const Image& image, recipe::ChannelOrder order) {
    const std::int64_t area = image.height * image.width;
    std::vector<std::uint8_t> planes(image.pixels.size());
    for (std::int64_t channel = 0; channel < image.channels; ++channel) {
        const std::int64_t from = order == recipe::ChannelOrder::Bgr ? image.channels - 1 - channel : channel;
        for (std::int64_t pixel = 0; pixel < area; ++pixel)
            planes[static_cast<std::size_t>(channel * area + pixel)] =
                image.pixels[static_cast<std::size_t>(pixel * image.channels + from)];
    }
    return planes;
}

} // namespace lathe::data
