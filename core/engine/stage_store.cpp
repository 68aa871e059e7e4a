#include <core/engine/stage_store.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/base/cache_folder.h>
#include <core/base/files.h>
#include <core/base/json.h>
#include <core/base/json_reader.h>
#include <core/base/log.h>
#include <core/base/message_json.h>
#include <core/engine/model_bytes.h>
#include <core/train/checkpoint.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;
using base::Json;

// A file is: the model as model_bytes.h writes it; what the step said, as CBOR; the length of that, 64 bits.
constexpr std::size_t lengthBytes = sizeof(std::uint64_t);
constexpr std::string_view ending = ".stage";
/// What a disk keeps free of us.
constexpr std::uintmax_t reservedBytes = std::uintmax_t{1} << 30;

std::string_view textOf(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Json layerNotesJson(const Stage& stage) {
    Json json = Json::object();
    for (const auto& [layer, notes] : stage.layerNotes)
        base::writeMessages(json[layer], "notes", notes);
    return json;
}

/// CBOR, unlike JSON text, has numbers that are not finite.
std::string description(const Stage& stage, const std::string& modelSha256) {
    const auto& [op, seconds, peakMemoryBytes, figures, epochLosses, notes, warnings] = stage.result;
    Json json = {{"sha256", modelSha256},
                 {"op", op},
                 {"seconds", seconds},
                 {"peak_memory_bytes", peakMemoryBytes},
                 {"figures", figures},
                 {"epoch_losses", epochLosses},
                 {"layer_notes", layerNotesJson(stage)},
                 {"layers", stage.layers}};
    base::writeMessages(json, "notes", notes);
    base::writeMessages(json, "warnings", warnings);
    const std::vector<std::uint8_t> bytes = Json::to_cbor(json);
    return {bytes.begin(), bytes.end()};
}

std::optional<Stage> readStage(const std::shared_ptr<const base::MappedFile>& mapped) {
    const std::span<const std::byte> bytes = mapped->bytes();
    std::uint64_t length = 0;
    if (bytes.size() < lengthBytes) return std::nullopt;
    std::memcpy(&length, bytes.data() + bytes.size() - lengthBytes, lengthBytes);
    if (length > bytes.size() - lengthBytes) return std::nullopt;
    const auto model = bytes.first(bytes.size() - lengthBytes - static_cast<std::size_t>(length));
    const auto described = bytes.subspan(model.size(), static_cast<std::size_t>(length));
    Stage stage;
    try {
        const Json json = Json::from_cbor(textOf(described));
        if (json.at("sha256").get<std::string>() != base::sha256(textOf(model))) return std::nullopt;
        auto& [op, seconds, peakMemoryBytes, figures, epochLosses, notes, warnings] = stage.result;
        json.at("op").get_to(op);
        json.at("seconds").get_to(seconds);
        json.at("peak_memory_bytes").get_to(peakMemoryBytes);
        json.at("figures").get_to(figures);
        json.at("epoch_losses").get_to(epochLosses);
        const base::JsonReader in(json, "The kept step");
        notes = base::readMessages(in, "notes");
        warnings = base::readMessages(in, "warnings");
        stage.layerNotes = in["layer_notes"].members([](const base::JsonReader& layer) { return base::readMessages(layer, "notes"); },
                                                     json.at("layer_notes").size());
        if (!in.isGood()) return std::nullopt;
        json.at("layers").get_to(stage.layers);
    } catch (const Json::exception&) {
        return std::nullopt;
    }
    auto read = readModelBytes(model, mapped);
    if (!read) return std::nullopt;
    stage.graph = std::move(read->model.graph);
    return stage;
}

base::Result<> appendTo(const fs::path& path, const std::function<base::Result<>(int)>& write) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return base::failure(base::ErrorCode::NoSpace, path.string() + " cannot be written: " + std::strerror(errno));
    auto result = write(descriptor);
    ::close(descriptor);
    return result;
}

base::Result<> writeStage(const Stage& stage, const fs::path& path) {
    ReadModel model;
    model.model.graph = stage.graph;
    if (auto written = appendTo(path, [&](int descriptor) { return writeModelBytes(descriptor, model); }); !written) return written;
    const auto mapped = base::MappedFile::open(path);
    if (!mapped) return forward(mapped);
    std::string end = description(stage, base::sha256(textOf((*mapped)->bytes())));
    const std::uint64_t length = end.size();
    end.append(reinterpret_cast<const char*>(&length), lengthBytes);
    return appendTo(path, [&](int descriptor) -> base::Result<> {
        if (::write(descriptor, end.data(), end.size()) == static_cast<ssize_t>(end.size())) return {};
        return base::failure(base::ErrorCode::NoSpace, path.string() + " cannot be written: " + std::strerror(errno));
    });
}

std::uintmax_t weightBytesOf(const graph::Graph& graph) {
    std::uintmax_t bytes = 0;
    for (const graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) bytes += static_cast<std::uintmax_t>(value.data.byteCount());
    }
    return bytes;
}

/// Another build may train otherwise.
std::string thisProgram() {
    struct stat status {};
    if (::stat("/proc/self/exe", &status) != 0) return {};
    return std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

} // namespace

StageStore::StageStore(fs::path folder, std::uintmax_t limitBytes) : m_folder(std::move(folder)), m_limitBytes(limitBytes) {}

fs::path StageStore::file(const std::string& key) const { return m_folder / (key + std::string(ending)); }

std::optional<Stage> StageStore::find(const std::string& key) const {
    std::error_code error;
    if (m_folder.empty() || !fs::exists(file(key), error)) return std::nullopt;
    const auto mapped = base::MappedFile::open(file(key));
    auto stage = mapped ? readStage(*mapped) : std::nullopt;
    if (!stage) {
        base::log(base::LogLevel::Warning, "The kept step " + file(key).string() + " is damaged; it is done again.");
        fs::remove(file(key), error);
        return std::nullopt;
    }
    fs::last_write_time(file(key), fs::file_time_type::clock::now(), error); // used: others go first
    return stage;
}

void StageStore::keep(const std::string& key, const Stage& stage) const {
    if (m_folder.empty()) return;
    std::error_code error;
    fs::create_directories(m_folder, error);
    const std::uintmax_t bytes = weightBytesOf(stage.graph);
    const fs::space_info space = fs::space(m_folder, error);
    if (bytes > m_limitBytes / 4 || (!error && space.available < bytes + reservedBytes)) return;
    const auto kept = base::replaceFile(file(key), [&](const fs::path& path) { return writeStage(stage, path); });
    if (!kept) return base::log(base::LogLevel::Warning, "The model after " + stage.result.op + " is not kept: " + kept.error().text());
    removeOldest();
}

void StageStore::removeOldest() const {
    struct Entry {
        fs::file_time_type used;
        std::uintmax_t bytes;
        fs::path path;
    };
    std::vector<Entry> entries;
    std::uintmax_t total = 0;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_folder, error)) {
        if (entry.path().extension() != ending) continue;
        // Another process may have removed it meanwhile.
        const std::uintmax_t bytes = entry.file_size(error);
        if (error) continue;
        entries.push_back({entry.last_write_time(error), bytes, entry.path()});
        total += bytes;
    }
    std::ranges::sort(entries, {}, &Entry::used);
    for (const Entry& entry : entries) {
        if (total <= m_limitBytes) return;
        fs::remove(entry.path, error);
        total -= entry.bytes;
    }
}

std::vector<std::string> stageKeys(const graph::Graph& original, const recipe::Recipe& recipe, const RunSettings& settings) {
    std::string basis = train::modelFingerprint(original) + (settings.dataset ? settings.dataset->sha256() : "no data") + "\n" +
                        std::to_string(settings.seed) + "\n" + runtime::text(settings.device) + "\n" + thisProgram() + "\n";
    recipe::Recipe soFar;
    soFar.preprocessing = recipe.preprocessing;
    soFar.evaluation = recipe.evaluation; // chooses the loss of trainings
    std::vector<std::string> keys;
    for (const steps::Step& step : recipe.steps) {
        if (!step.enabled) continue;
        soFar.steps.push_back(step);
        // The file of a teacher may change under its name.
        if (const auto teacher = step.setting("distill.teacher"); teacher && teacher->is_string()) {
            std::error_code error;
            const fs::path file = teacher->get<std::string>();
            basis += std::to_string(fs::file_size(file, error)) + " " +
                     std::to_string(fs::last_write_time(file, error).time_since_epoch().count()) + "\n";
        }
        keys.push_back(base::sha256(basis + recipe::write(soFar)));
    }
    return keys;
}

fs::path defaultStageFolder() {
    const char* choice = std::getenv("LATHE_STAGES");
    if (choice != nullptr && std::string_view(choice) == "off") return {};
    return base::cacheFolder("stages");
}

} // namespace lathe::engine
