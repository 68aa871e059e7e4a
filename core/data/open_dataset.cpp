#include <core/data/dataset.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include <core/data/csv_dataset.h>
#include <core/data/fashion_mnist.h>
#include <core/data/idx_folder.h>
#include <core/data/image_folder.h>
#include <core/data/npz_dataset.h>
#include <core/data/random_input.h>
#include <core/data/wav_folder.h>
#include <core/graph/layers.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;

/// The file or folder of a specification, with the option behind its last colon, unless a file of the whole name exists.
struct Place {
    std::filesystem::path path;
    std::string option;
    bool isFolder = false;
    DataKind kind = DataKind::Arrays;
};

Place placeOf(const std::string& specification) {
    Place place{specification, {}};
    std::error_code error;
    if (const std::size_t colon = specification.rfind(':'); colon != std::string::npos && !std::filesystem::exists(specification, error)) {
        place.option = specification.substr(colon + 1);
        place.path = specification.substr(0, colon);
    }
    place.isFolder = std::filesystem::is_directory(place.path, error);
    if (place.isFolder && place.option.empty()) {
        if (isImageFolder(place.path))
            place.kind = DataKind::Images;
        else if (isWavFolder(place.path))
            place.kind = DataKind::Sound;
    } else if (place.path.extension() == ".csv" || place.path.extension() == ".tsv") {
        place.kind = DataKind::Table;
    }
    return place;
}

base::Result<std::shared_ptr<const Dataset>> openIdx(const Place& place, const std::string& name) {
    std::optional<std::int64_t> padding;
    if (const std::string& option = place.option; !option.empty()) {
        constexpr std::string_view key = "pad=";
        int number = -1;
        const auto [end, code] =
            std::from_chars(option.data() + std::min(key.size(), option.size()), option.data() + option.size(), number);
        if (!option.starts_with(key) || code != std::errc{} || end != option.data() + option.size() || number < 0 || number > 1024) {
            return failure(ErrorCode::InvalidArgument, {"data.isNoIdxOption", {{"option", option}}});
        }
        padding = number;
    }
    return openIdxFolder(place.path, name, {}, padding);
}

} // namespace

DataKind dataKind(const std::string& specification) { return placeOf(specification).kind; }

base::Result<std::shared_ptr<const Dataset>> openDataset(const std::string& specification, const recipe::Preprocessing& preprocessing,
                                                         std::span<const std::string> modelInputs) {
    if (specification.empty()) return failure(ErrorCode::InvalidArgument, {"data.noneNamed", {}});
    if (specification == "fashion-mnist") {
        const bool isInstalled = isFashionMnistInstalled(FashionMnistSize::Full);
        return openFashionMnist(isInstalled ? FashionMnistSize::Full : FashionMnistSize::Subset);
    }
    if (specification == "fashion-mnist-small") return openFashionMnist(FashionMnistSize::Subset);

    if (isRandomInput(specification)) return failure(ErrorCode::InvalidArgument, {"data.randomNeedsModel", {}});

    const Place place = placeOf(specification);
    std::error_code error;
    if (!std::filesystem::exists(place.path, error)) {
        std::vector<std::string> names;
        for (const BuiltinDataset& builtin : builtinDatasets()) {
            names.push_back(builtin.name);
        }
        const std::string nearest = graph::nearestName(specification, names);
        if (nearest.empty()) return failure(ErrorCode::NotFound, {"data.isNotThere", {{"data", specification}}});
        return failure(ErrorCode::NotFound, {"data.isNotThereNearest", {{"data", specification}, {"nearest", nearest}}});
    }
    // "a/b/" is called "b".
    const std::string name = (place.path.has_filename() ? place.path : place.path.parent_path()).filename().string();
    if (place.kind == DataKind::Images) return openImageFolder(place.path, name, preprocessing);
    if (place.kind == DataKind::Sound) return openWavFolder(place.path, name, preprocessing);
    if (place.isFolder) return openIdx(place, name);
    if (!place.option.empty()) return failure(ErrorCode::InvalidArgument, {"data.fileHasNoOptions", {{"option", place.option}}});
    if (place.kind == DataKind::Table) return openCsvDataset(place.path, preprocessing);
    return openNpzDataset(place.path, preprocessing.label, modelInputs);
}

std::vector<BuiltinDataset> builtinDatasets() {
    const tensor::Shape fashionMnistShape{1, 32, 32};
    return {
        {"fashion-mnist", "Fashion-MNIST: 60 000 training and 10 000 test pictures of clothes, ten classes",
         isFashionMnistInstalled(FashionMnistSize::Full), fashionMnistShape},
        {"fashion-mnist-small", "Fashion-MNIST subset: 3 000 training and 1 000 test pictures, shipped with Lathe",
         isFashionMnistInstalled(FashionMnistSize::Subset), fashionMnistShape},
        {"random", "Random input: for everything but accuracy, when there is no data", true, {}},
    };
}

} // namespace lathe::data
