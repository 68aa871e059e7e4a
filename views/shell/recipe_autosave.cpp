#include <views/shell/recipe_autosave.h>

#include <chrono>

#include <QDir>
#include <QUuid>

#include <core/base/files.h>
#include <core/base/json.h>
#include <core/base/log.h>
#include <views/models/text.h>
#include <views/shell/state_folder.h>

namespace lathe::views {

namespace {

using namespace std::chrono_literals;

const QString prefix = QStringLiteral("autosave-");
const QString suffix = QStringLiteral(".json");

/// Of a name of its own: process ids come back, in containers at once.
std::filesystem::path newFile() { return stateFolder() / toStd(prefix % QUuid::createUuid().toString(QUuid::WithoutBraces) % suffix); }

std::filesystem::path lockOf(std::filesystem::path file) { return file.replace_extension(".lock"); }

void removeBoth(const std::filesystem::path& file) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    std::filesystem::remove(lockOf(file), ignored);
}

std::optional<RecipeAutosave::Recovered> read(const std::filesystem::path& file) {
    const base::Result<std::string> text = base::readFile(file, 1 << 24);
    if (!text) return std::nullopt;
    const base::Result<base::Json> json = base::parseJson(*text);
    if (!json || !json->is_object() || !json->contains("model_file") || !json->at("model_file").is_string() || !json->contains("recipe")) {
        return std::nullopt;
    }
    const base::Result<recipe::Recipe> recipe = recipe::parse(json->at("recipe").dump());
    if (!recipe) return std::nullopt;
    return RecipeAutosave::Recovered{file, toQt(json->at("model_file").get<std::string>()), *recipe, nullptr};
}

} // namespace

RecipeAutosave::RecipeAutosave(Session& session, QObject* parent) : QObject(parent), m_session(session), m_file(newFile()) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(2s);
    connect(&m_timer, &QTimer::timeout, this, &RecipeAutosave::save);
    connect(&session.recipe(), &RecipeModel::recipeChanged, &m_timer, qOverload<>(&QTimer::start));
    connect(&session.undoStack(), &QUndoStack::cleanChanged, this, [this](bool isClean) {
        if (isClean) discard();
    });
}

RecipeAutosave::~RecipeAutosave() {
    // The recipe that is not saved stays, to be recovered; the lock goes with this object.
    std::error_code ignored;
    if (m_lock && !std::filesystem::exists(m_file, ignored)) std::filesystem::remove(lockOf(m_file), ignored);
}

void RecipeAutosave::save() {
    m_timer.stop();
    if (!m_session.hasUnsavedChanges()) return discard();
    if (!m_lock) m_lock = base::FileLock::tryTake(lockOf(m_file));
    const base::Json document{{"model_file", m_session.model() ? m_session.model()->file : std::string()},
                              {"recipe", base::Json::parse(recipe::write(m_session.recipe().recipe()), nullptr, false)}};
    const std::string text = document.dump(2, ' ', false, base::Json::error_handler_t::replace);
    if (const base::Result<> written = base::writeFile(m_file, text); !written) base::log(base::LogLevel::Warning, written.error().text());
}

void RecipeAutosave::discard() {
    m_timer.stop();
    removeBoth(m_file);
    m_lock.reset();
}

std::optional<RecipeAutosave::Recovered> RecipeAutosave::findAbandoned() {
    const QDir folder(toQt(stateFolder().string()));
    for (const QFileInfo& entry : folder.entryInfoList({prefix % u'*' % suffix}, QDir::Files, QDir::Time)) {
        const std::filesystem::path file = toStd(entry.absoluteFilePath());
        std::shared_ptr<base::FileLock> lock = base::FileLock::tryTake(lockOf(file));
        if (!lock) continue; // its window is open
        if (std::optional<Recovered> recovered = read(file)) {
            recovered->lock = std::move(lock);
            return recovered;
        }
        removeBoth(file);
    }
    return std::nullopt;
}

void RecipeAutosave::forget(const Recovered& recovered) { removeBoth(recovered.file); }

} // namespace lathe::views
