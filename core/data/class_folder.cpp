#include <core/data/class_folder.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace lathe::data {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t testEvery = 5;
constexpr std::size_t maxFiles = 5'000'000;

bool isHidden(const fs::path& path) { return path.filename().string().starts_with("."); }

bool hasEnding(const fs::path& path, const std::vector<std::string>& endings) {
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::ranges::find(endings, ending) != endings.end();
}

std::vector<fs::path> foldersIn(const fs::path& folder) {
    std::vector<fs::path> result;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (entry.is_directory(error) && !isHidden(entry.path())) result.push_back(entry.path());
    }
    std::ranges::sort(result);
    return result;
}

std::vector<fs::path> filesIn(const fs::path& folder, const std::vector<std::string>& endings, bool isDeep) {
    std::vector<fs::path> result;
    std::error_code error;
    // Links to folders are not followed: they may lead in circles.
    for (fs::recursive_directory_iterator at(folder, error), end; at != end && result.size() < maxFiles; at.increment(error)) {
        if (error) break;
        if (at->is_directory(error)) {
            if (!isDeep || isHidden(at->path())) at.disable_recursion_pending();
        } else if (!isHidden(at->path()) && hasEnding(at->path(), endings)) {
            result.push_back(at->path());
        }
    }
    std::ranges::sort(result);
    return result;
}

std::optional<fs::path> firstOf(const fs::path& folder, std::initializer_list<const char*> names) {
    std::error_code error;
    for (const char* name : names) {
        if (fs::is_directory(folder / name, error)) return folder / name;
    }
    return std::nullopt;
}

/// Class name and file, per split; without a split of their own, files are divided.
using Found = std::vector<std::pair<std::string, ClassFile>>;

void addClasses(Found& found, const fs::path& folder, std::optional<Split> split, const std::vector<std::string>& endings) {
    for (const fs::path& classFolder : foldersIn(folder)) {
        std::size_t position = 0;
        for (fs::path& file : filesIn(classFolder, endings, true)) {
            const Split own = ++position % testEvery == 0 ? Split::Test : Split::Train;
            found.emplace_back(classFolder.filename().string(), ClassFile{std::move(file), split.value_or(own), -1});
        }
    }
}

} // namespace

base::Result<ClassFolder> listClassFolder(const fs::path& folder, const std::vector<std::string>& endings) {
    Found found;
    const auto train = firstOf(folder, {"train", "training"});
    const auto test = firstOf(folder, {"test", "val", "valid", "validation"});
    if (train || test) {
        if (train) addClasses(found, *train, Split::Train, endings);
        if (test) addClasses(found, *test, Split::Test, endings);
    } else {
        addClasses(found, folder, std::nullopt, endings);
    }
    ClassFolder result;
    std::set<std::string> names;
    for (const auto& [name, file] : found)
        names.insert(name);
    result.classes.assign(names.begin(), names.end());
    for (auto& [name, file] : found) {
        file.label = static_cast<std::int32_t>(std::ranges::lower_bound(result.classes, name) - result.classes.begin());
        result.files.push_back(std::move(file));
    }
    if (result.files.empty()) {
        for (fs::path& file : filesIn(folder, endings, false))
            result.files.push_back({std::move(file), Split::Test, -1});
    }
    std::ranges::stable_sort(result.files, {}, &ClassFile::path);
    if (result.files.empty()) {
        std::string list;
        for (const std::string& ending : endings)
            list += (list.empty() ? "" : ", ") + ending;
        return base::failure(base::ErrorCode::NotFound, {"data.noFilesWithEndings", {{"folder", folder.string()}, {"endings", list}}});
    }
    return result;
}

} // namespace lathe::data
