#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/recipe/preprocessing.h>

namespace lathe::data {

/// A picture of bytes, rows from the top, channels side by side: 1 (gray) or 3 (red, green, blue).
struct Image {
    std::int64_t height = 0, width = 0, channels = 3;
    std::vector<std::uint8_t> pixels;
};

/// Decodes PNG or JPEG, by content, to three channels. Transparent pixels are laid on black, 16-bit samples reduced to 8. Errors: Rejected,
/// beginning with the file's name: neither PNG nor JPEG, damaged, cut off, larger than 268 million pixels (told from the header, before
/// anything is allocated).
[[nodiscard]] base::Result<Image> readImage(const std::filesystem::path& file);
[[nodiscard]] base::Result<Image> decodeImage(std::string_view bytes, const std::string& name);

/// One channel: the luma of ITU-R BT.601, rounded as Pillow's convert("L") does.
[[nodiscard]] Image grayOf(const Image& image);

/// Resizes so that the shorter side has `shorterSide` pixels: bilinear with antialiasing, as torchvision.transforms.Resize does by default.
[[nodiscard]] Image resized(const Image& image, std::int64_t shorterSide);

/// Cut from the centre, as torchvision.transforms.CenterCrop; where the image is smaller, black is added.
[[nodiscard]] Image centerCropped(const Image& image, std::int64_t height, std::int64_t width);

/// Channels first, in the order that the model takes: [channels, height, width].
[[nodiscard]] std::vector<std::uint8_t> channelsFirst(const Image& image, recipe::ChannelOrder order);

} // namespace lathe::data
