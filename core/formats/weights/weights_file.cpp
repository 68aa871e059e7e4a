#include <core/formats/weights/weights_file.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string_view>

#include <core/base/files.h>
#include <core/base/json_reader.h>
#include <core/formats/content_kind.h>
#include <core/formats/files_beside.h>
#include <core/formats/weights/safetensors_reader.h>
#include <core/formats/weights/state_dict_reader.h>

namespace lathe::formats {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t maxIndexBytes = std::uintmax_t{100} << 20;
constexpr std::size_t maxTensors = 1'000'000;
constexpr std::string_view indexEnding = ".index.json";

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

std::string inQuotes(const std::string& name) { return "\"" + name + "\""; }

/// Also of "folder/".
std::string nameOf(const fs::path& folder) { return inQuotes((folder.has_filename() ? folder : folder.parent_path()).filename().string()); }

bool isArchive(std::span<const std::byte> bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(2, bytes.size())) == "PK";
}

bool isIndex(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return false;
    std::ifstream stream(file, std::ios::binary);
    char first = 0;
    return stream >> first && first == '{'; // the header of safetensors has its length before
}

bool holdsWeights(const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error) &&
           (file.extension() == ".safetensors" || // training_args.bin and optimizer.bin stand beside these
            (file.extension() == ".bin" && file.filename().string().starts_with("pytorch_model")));
}

/// The files in a folder that are wanted, by name.
std::vector<fs::path> filesIn(const fs::path& folder, bool (*isWanted)(const fs::path&)) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (isWanted(entry.path())) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

/// What there is to read in a folder: an index, or all files of weights; safetensors before others.
base::Result<std::vector<fs::path>> chooseIn(const fs::path& folder) {
    const auto indices =
        filesIn(folder, [](const fs::path& file) { return file.filename().string().ends_with(indexEnding) && isIndex(file); });
    const auto files = filesIn(folder, holdsWeights);
    const auto isSafe = [](const fs::path& file) { return file.filename().string().find(".safetensors") != std::string::npos; };
    for (const bool safe : {true, false}) {
        for (const fs::path& index : indices) {
            if (isSafe(index) == safe) return std::vector{index};
        }
        std::vector<fs::path> chosen;
        std::ranges::copy_if(files, std::back_inserter(chosen), [&](const fs::path& file) { return isSafe(file) == safe; });
        if (!chosen.empty()) return chosen;
    }
    return rejected(nameOf(folder) + " is a folder without weights: no index, no .safetensors and no pytorch_model.bin is in it.");
}

base::Result<NamedTensors> readOne(const fs::path& file) {
    const auto kind = detectContent(file);
    if (!kind) return forward(kind);
    const std::string name = inQuotes(file.filename().string()) + " ";
    if (*kind != ContentKind::Safetensors && *kind != ContentKind::TorchSave)
        return rejected(
            name +
            "holds no weights by name: give a safetensors file, a state dict of torch.save, an index of such files, or their folder.");
    const auto mapped = base::MappedFile::open(file);
    if (!mapped) return forward(mapped);
    auto weights =
        *kind == ContentKind::Safetensors ? readSafetensors((*mapped)->bytes(), *mapped) : readStateDict((*mapped)->bytes(), *mapped);
    if (!weights) return base::failure(weights.error().code, name + weights.error().message.text());
    return weights;
}

/// {"weight_map": {"conv1.weight": "model-00001-of-00002.safetensors", …}}
base::Result<NamedTensors> readIndexed(const fs::path& file) {
    const std::string name = inQuotes(file.filename().string());
    const auto text = base::readFile(file, maxIndexBytes);
    if (!text) return forward(text);
    const auto json = base::parseJson(*text);
    if (!json) return rejected(name + " is neither a file of weights nor an index of such files: " + json.error().message.text());
    const base::JsonReader in(*json, "The index");
    const auto places = in.finish(in["weight_map"].members([](const base::JsonReader& place) { return place.text(4096); }, maxTensors));
    if (!places) return rejected(name + " is no index of files of weights: " + places.error().message.text());
    FilesBeside files(foldersOf(file));
    std::map<std::string, NamedTensors> shards;
    NamedTensors weights;
    for (const auto& [weight, shard] : *places) {
        if (!shards.contains(shard)) {
            const auto mapped = files.open(shard);
            if (!mapped) return rejected(name + " names the file " + inQuotes(shard) + ", " + mapped.error().message.text());
            auto read =
                isArchive(mapped->bytes) ? readStateDict(mapped->bytes, mapped->owner) : readSafetensors(mapped->bytes, mapped->owner);
            if (!read) return base::failure(read.error().code, inQuotes(shard) + " " + read.error().message.text());
            shards.emplace(shard, std::move(*read));
        }
        const auto found = shards[shard].find(weight);
        if (found == shards[shard].end())
            return rejected(name + " says that " + inQuotes(weight) + " is in " + inQuotes(shard) + ", which does not hold it.");
        weights.emplace(weight, found->second);
    }
    return weights;
}

base::Result<NamedTensors> readFolder(const fs::path& folder) {
    const auto files = chooseIn(folder);
    if (!files) return forward(files);
    if (isIndex(files->front())) return readIndexed(files->front());
    NamedTensors weights;
    std::map<std::string, std::string> places;
    for (const fs::path& file : *files) {
        auto shard = readOne(file);
        if (!shard) return shard;
        const std::string name = file.filename().string();
        for (const auto& [weight, data] : *shard) {
            const auto [place, isNew] = places.emplace(weight, name);
            if (!isNew)
                return rejected(nameOf(folder) + " is a folder with several files of weights: " + inQuotes(weight) + " is in " +
                                inQuotes(place->second) + " and in " + inQuotes(name) + ". Choose one of them.");
        }
        weights.merge(*shard);
    }
    return weights;
}

} // namespace

base::Result<NamedTensors> readWeightsFile(const fs::path& file) {
    std::error_code error;
    if (fs::is_directory(file, error)) return readFolder(file);
    return isIndex(file) ? readIndexed(file) : readOne(file);
}

std::vector<fs::path> readableForWeights(const fs::path& file) {
    if (file.empty()) return {};
    std::error_code error;
    std::vector<fs::path> readable{file};
    if (fs::is_directory(file, error)) {
        // Names that are links to blobs, as in caches of model hubs.
        const auto isAny = [](const fs::path& each) { return holdsWeights(each) || each.filename().string().ends_with(indexEnding); };
        std::set<fs::path> folders;
        for (const fs::path& each : filesIn(file, isAny)) {
            for (const fs::path& folder : foldersOf(each))
                folders.insert(folder);
        }
        readable.insert(readable.end(), folders.begin(), folders.end());
    } else if (isIndex(file)) {
        const auto folders = foldersOf(file);
        readable.insert(readable.end(), folders.begin(), folders.end());
    }
    return readable;
}

std::uintmax_t bytesOfWeights(const fs::path& file) {
    std::error_code error;
    const auto sizeOf = [](const fs::path& each) {
        std::error_code failed;
        const std::uintmax_t size = fs::file_size(each, failed);
        return failed ? 0 : size;
    };
    const bool isFolder = fs::is_directory(file, error);
    if (!isFolder && !isIndex(file)) return sizeOf(file);
    std::uintmax_t sum = 0;
    for (const fs::path& each : filesIn(isFolder ? file : foldersOf(file).front(), holdsWeights))
        sum += sizeOf(each);
    return sum;
}

} // namespace lathe::formats
