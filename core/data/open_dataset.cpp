#include <core/data/dataset.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include <core/data/csv_dataset.h>
#include <core/data/fashion_mnist.h>
#include <core/data/idx_folder.h>
#include <core/data/image_folder.h>
#include <core/data/npz_dataset.h>
#include <core/data/wav_folder.h>
#include <core/graph/layers.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;

base::Result<std::shared_ptr<const Dataset>> openFolder(const std::filesystem::path& folder, const std::string& option,
                                                        const recipe::Preprocessing& preprocessing) {
    // "a/b/" is called "b".
    const std::filesystem::path named = folder.has_filename() ? folder : folder.parent_path();
    const std::string name = named.filename().string();
    std::optional<std::int64_t> padding;
    if (option.empty()) {
        if (isImageFolder(folder)) return openImageFolder(folder, name, preprocessing);
        if (isWavFolder(folder)) return openWavFolder(folder, name, preprocessing);
    } else {
        constexpr std::string_view key = "pad=";
        int number = -1;
        const auto [end, code] =
            std::from_chars(option.data() + std::min(key.size(), option.size()), option.data() + option.size(), number);
        if (!option.starts_with(key) || code != std::errc{} || end != option.data() + option.size() || number < 0 || number > 1024) {
            return failure(ErrorCode::InvalidArgument,
                           "\"" + option + "\" is not an option of a folder with IDX files, which is pad=N with N from 0 to 1024.");
        }
        padding = number;
    }
    return openIdxFolder(folder, name, {}, padding);
}

} // namespace

base::Result<std::shared_ptr<const Dataset>> openDataset(const std::string& specification, const recipe::Preprocessing& preprocessing) {
    if (specification.empty()) return failure(ErrorCode::InvalidArgument, "No data set was named.");
    if (specification == "fashion-mnist") {
        const bool isInstalled = isFashionMnistInstalled(FashionMnistSize::Full);
        return openFashionMnist(isInstalled ? FashionMnistSize::Full : FashionMnistSize::Subset);
    }
    if (specification == "fashion-mnist-small") return openFashionMnist(FashionMnistSize::Subset);

    // Options stand behind the last colon, unless a file of the whole name exists.
    std::string path = specification, option;
    std::error_code error;
    if (const std::size_t colon = path.rfind(':'); colon != std::string::npos && !std::filesystem::exists(path, error)) {
        option = path.substr(colon + 1);
        path.resize(colon);
    }
    if (std::filesystem::is_directory(path, error)) return openFolder(path, option, preprocessing);
    if (!std::filesystem::exists(path, error)) {
        std::vector<std::string> names;
        for (const BuiltinDataset& builtin : builtinDatasets()) {
            names.push_back(builtin.name);
        }
        const std::string nearest = graph::nearestName(specification, names);
        return failure(ErrorCode::NotFound, "There is no data set, folder or file \"" + specification + "\"" +
                                                (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?"));
    }
    if (!option.empty()) return failure(ErrorCode::InvalidArgument, "\"" + option + "\" is not an option of a file, which has none.");
    if (path.ends_with(".csv") || path.ends_with(".tsv")) return openCsvDataset(path, preprocessing);
    return openNpzDataset(path);
}

std::vector<BuiltinDataset> builtinDatasets() {
    return {
        {"fashion-mnist", "Fashion-MNIST: 60 000 training and 10 000 test pictures of clothes, ten classes",
         isFashionMnistInstalled(FashionMnistSize::Full)},
        {"fashion-mnist-small", "Subset of Fashion-MNIST that Lathe ships: 3000 training and 1000 test pictures",
         isFashionMnistInstalled(FashionMnistSize::Subset)},
    };
}

} // namespace lathe::data
