#include <core/formats/file_content.h>

#include <algorithm>

namespace lathe::formats {

namespace {

std::string_view belowTop(std::string_view name) {
    const auto slash = name.find('/');
    return slash == std::string_view::npos ? std::string_view{} : name.substr(slash + 1);
}

} // namespace

bool FileContent::hasEntry(std::string_view name) const {
    return std::ranges::any_of(entries, [=](const std::string& entry) { return belowTop(entry) == name; });
}

bool FileContent::hasFolder(std::string_view folder) const { return hasEntryIn(folder, {}); }

bool FileContent::hasEntryIn(std::string_view folder, std::string_view ending) const {
    return std::ranges::any_of(entries,
                               [=](const std::string& entry) { return belowTop(entry).starts_with(folder) && entry.ends_with(ending); });
}

bool FileContent::hasEnding(std::string_view ending) const {
    return std::ranges::any_of(entries, [=](const std::string& entry) { return entry.ends_with(ending); });
}

} // namespace lathe::formats
