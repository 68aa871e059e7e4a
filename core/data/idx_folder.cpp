#include <core/data/idx_folder.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include <core/data/idx_reader.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;
using tensor::DType;
using tensor::Tensor;

/// The first file, in the order of the alphabet, whose name begins with one of the prefixes; empty when there is none.
std::filesystem::path findFile(const std::filesystem::path& folder, std::initializer_list<std::string_view> prefixes) {
    std::vector<std::filesystem::path> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); })) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found.empty() ? std::filesystem::path{} : found.front();
}

/// [N, height, width] bytes → [N, 1, height + 2·padding, width + 2·padding], zeros around.
Tensor padded(const Tensor& images, std::int64_t padding) {
    const std::int64_t count = images.shape()[0], height = images.shape()[1], width = images.shape()[2];
    const std::int64_t newHeight = height + 2 * padding, newWidth = width + 2 * padding;
    const auto pixels = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(count * newHeight * newWidth));
    const std::uint8_t* from = images.values<std::uint8_t>().data();
    for (std::int64_t image = 0; image < count && width > 0; ++image) {
        for (std::int64_t row = 0; row < height; ++row) {
            std::byte* to = pixels->data() + (image * newHeight + row + padding) * newWidth + padding;
            std::memcpy(to, from + (image * height + row) * width, static_cast<std::size_t>(width));
        }
    }
    return Tensor(DType::UInt8, {count, 1, newHeight, newWidth}, tensor::Storage::adopt(std::span<const std::byte>(*pixels), pixels));
}

base::Result<SplitContent> readSplit(const std::filesystem::path& imagesFile, const std::filesystem::path& labelsFile,
                                     std::optional<std::int64_t> padding) {
    SplitContent split;
    if (imagesFile.empty()) return split;
    const base::Result<Tensor> images = readIdx(imagesFile);
    if (!images) return base::forward(images);
    if (images->dtype() != DType::UInt8 || images->shape().size() != 3) {
        return failure(ErrorCode::Rejected, imagesFile.string() + " holds " + std::string(tensor::name(images->dtype())) + " " +
                                                tensor::text(images->shape()) + ", but images must be uint8 with count, height and width.");
    }
    const bool isMnistSize = images->shape()[1] == 28 && images->shape()[2] == 28;
    split.samples = padded(*images, padding.value_or(isMnistSize ? 2 : 0));
    if (labelsFile.empty()) return split;
    const base::Result<Tensor> labels = readIdx(labelsFile);
    if (!labels) return base::forward(labels);
    split.labels = *labels;
    return split;
}

} // namespace

base::Result<std::shared_ptr<const Dataset>> openIdxFolder(const std::filesystem::path& folder, const std::string& name,
                                                           std::vector<std::string> classes, std::optional<std::int64_t> padding) {
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
        return failure(ErrorCode::NotFound, {"data.noFolder", {{"folder", folder.string()}}});
    const std::filesystem::path trainImages = findFile(folder, {"train-images"});
    const std::filesystem::path testImages = findFile(folder, {"t10k-images", "test-images"});
    if (trainImages.empty() && testImages.empty()) {
        return failure(ErrorCode::NotFound, {"data.noIdxFiles", {{"folder", folder.string()}}});
    }
    base::Result<SplitContent> train = readSplit(trainImages, findFile(folder, {"train-labels"}), padding);
    if (!train) return base::forward(train);
    base::Result<SplitContent> test = readSplit(testImages, findFile(folder, {"t10k-labels", "test-labels"}), padding);
    if (!test) return base::forward(test);
    return InMemoryDataset::create(
        {.name = name, .train = std::move(*train), .test = std::move(*test), .divisor = 255, .classes = std::move(classes)});
}

} // namespace lathe::data
