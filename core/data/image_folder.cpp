#include <core/data/image_folder.h>

#include <unistd.h>

#include <core/data/class_folder.h>
#include <core/data/image.h>
#include <core/data/split_builder.h>

namespace lathe::data {

namespace {

const std::vector<std::string> imageEndings = {".png", ".jpg", ".jpeg"};

std::string sizeText(const Image& image) { return std::to_string(image.height) + "x" + std::to_string(image.width); }

std::vector<float> floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::size_t halfOfMemory() {
    return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 2;
}

} // namespace

bool isImageFolder(const std::filesystem::path& folder) { return listClassFolder(folder, imageEndings).has_value(); }

base::Result<std::shared_ptr<const Dataset>> openImageFolder(const std::filesystem::path& folder, const std::string& name,
                                                             const recipe::Preprocessing& preprocessing) {
    auto list = listClassFolder(folder, imageEndings);
    if (!list) return base::forward(list);
    SplitBuilder<std::uint8_t> builder(tensor::DType::UInt8);
    std::optional<Image> first;
    for (const ClassFile& file : list->files) {
        auto image = readImage(file.path);
        if (!image) return base::forward(image);
        if (preprocessing.channels == recipe::ChannelOrder::Gray) image = grayOf(*image);
        if (preprocessing.resize) image = resized(*image, *preprocessing.resize);
        if (preprocessing.crop) image = centerCropped(*image, (*preprocessing.crop)[0], (*preprocessing.crop)[1]);
        if (first && (first->height != image->height || first->width != image->width)) {
            return base::failure(base::ErrorCode::Rejected, {"data.imagesDiffer",
                                                             {{"data", name},
                                                              {"one", list->files.front().path.filename().string()},
                                                              {"size", sizeText(*first)},
                                                              {"other", file.path.filename().string()},
                                                              {"otherSize", sizeText(*image)}}});
        }
        if (!first) first = Image{image->height, image->width, image->channels, {}};
        builder.add(file.split, channelsFirst(*image, preprocessing.channels), file.label);
        if (builder.bytes() > halfOfMemory()) {
            return base::failure(base::ErrorCode::NoSpace, {"data.imagesTakeTooMuchMemory", {{"data", name}}});
        }
    }
    DatasetContent content;
    content.name = name;
    content.classes = std::move(list->classes);
    content.divisor = 255;
    content.mean = floats(preprocessing.mean);
    content.deviation = floats(preprocessing.deviation);
    builder.finish({first->channels, first->height, first->width}, content);
    return InMemoryDataset::create(std::move(content));
}

} // namespace lathe::data
