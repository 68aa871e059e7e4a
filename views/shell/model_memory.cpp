#include <views/shell/model_memory.h>

#include <algorithm>
#include <vector>

#include <core/base/files.h>
#include <core/base/json_reader.h>
#include <core/base/log.h>
#include <views/models/text.h>
#include <views/shell/state_folder.h>

namespace lathe::views {

namespace {

constexpr std::size_t maxModels = 100;
constexpr std::uintmax_t maxBytes = 1 << 20;

std::filesystem::path memoryFile() { return stateFolder() / "models.json"; }

ModelMemory::Entry readEntry(const base::JsonReader& in) {
    return {toQt(in["model_file"].text()), toQt(in["sha256"].text()), toQt(in["recipe_file"].text()), toQt(in["data"].text())};
}

/// Newest first. Read each time: another window may have added to it. A damaged file is as none.
std::vector<ModelMemory::Entry> entries() {
    const base::Result<std::string> text = base::readFile(memoryFile(), maxBytes);
    const base::Result<base::Json> json = text ? base::parseJson(*text) : base::Result<base::Json>(base::Json::array());
    if (!json) return {};
    const base::JsonReader in(*json, "The list of models");
    return in.finish(in.list(readEntry, maxModels)).value_or(std::vector<ModelMemory::Entry>());
}

template<class Fits>
std::optional<ModelMemory::Entry> find(Fits fits) {
    const std::vector<ModelMemory::Entry> all = entries();
    const auto found = std::find_if(all.begin(), all.end(), fits);
    return found == all.end() ? std::nullopt : std::optional(*found);
}

} // namespace

std::optional<ModelMemory::Entry> ModelMemory::findFile(const QString& modelFile) {
    return find([&](const Entry& entry) { return entry.modelFile == modelFile; });
}

std::optional<ModelMemory::Entry> ModelMemory::findContent(const QString& sha256) {
    return find([&](const Entry& entry) { return entry.sha256 == sha256; });
}

void ModelMemory::remember(const Entry& entry) {
    std::vector<Entry> all = entries();
    if (!all.empty() && all.front() == entry) return;
    std::erase_if(all, [&](const Entry& other) { return other.modelFile == entry.modelFile || other.sha256 == entry.sha256; });
    all.insert(all.begin(), entry);
    all.resize(std::min(all.size(), maxModels));
    base::Json json = base::Json::array();
    for (const Entry& each : all) {
        json.push_back({{"model_file", toStd(each.modelFile)},
                        {"sha256", toStd(each.sha256)},
                        {"recipe_file", toStd(each.recipeFile)},
                        {"data", toStd(each.data)}});
    }
    const std::string text = json.dump(1, ' ', false, base::Json::error_handler_t::replace);
    if (const base::Result<> written = base::writeFile(memoryFile(), text); !written)
        base::log(base::LogLevel::Warning, written.error().text());
}

} // namespace lathe::views
