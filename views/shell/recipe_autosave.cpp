#include <views/shell/recipe_autosave.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include <QCoreApplication>
#include <QDir>

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

std::filesystem::path ownFile() { return stateFolder() / toStd(prefix % QString::number(QCoreApplication::applicationPid()) % suffix); }

bool isAlive(qint64 processId) { return ::kill(static_cast<pid_t>(processId), 0) == 0 || errno == EPERM; }

std::optional<RecipeAutosave::Recovered> read(const std::filesystem::path& file) {
    const base::Result<std::string> text = base::readFile(file, 1 << 24);
    if (!text) return std::nullopt;
    const base::Result<base::Json> json = base::parseJson(*text);
    if (!json || !json->is_object() || !json->contains("model_file") || !json->at("model_file").is_string() || !json->contains("recipe")) {
        return std::nullopt;
    }
    const base::Result<recipe::Recipe> recipe = recipe::parse(json->at("recipe").dump());
    if (!recipe) return std::nullopt;
    return RecipeAutosave::Recovered{file, toQt(json->at("model_file").get<std::string>()), *recipe};
}

} // namespace

RecipeAutosave::RecipeAutosave(Session& session, QObject* parent) : QObject(parent), m_session(session) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(2s);
    connect(&m_timer, &QTimer::timeout, this, &RecipeAutosave::save);
    connect(&session.recipe(), &RecipeModel::recipeChanged, &m_timer, qOverload<>(&QTimer::start));
    connect(&session.undoStack(), &QUndoStack::cleanChanged, this, [this](bool isClean) {
        if (isClean) discard();
    });
}

void RecipeAutosave::save() {
    m_timer.stop();
    if (!m_session.hasUnsavedChanges()) return discard();
    const base::Json document{{"model_file", m_session.model() ? m_session.model()->file : std::string()},
                              {"recipe", base::Json::parse(recipe::write(m_session.recipe().recipe()), nullptr, false)}};
    const std::string text = document.dump(2, ' ', false, base::Json::error_handler_t::replace);
    if (const base::Result<> written = base::writeFile(ownFile(), text); !written)
        base::log(base::LogLevel::Warning, written.error().text());
}

void RecipeAutosave::discard() {
    m_timer.stop();
    std::error_code ignored;
    std::filesystem::remove(ownFile(), ignored);
}

std::optional<RecipeAutosave::Recovered> RecipeAutosave::findAbandoned() {
    const QDir folder(toQt(stateFolder().string()));
    for (const QFileInfo& entry : folder.entryInfoList({prefix % u'*' % suffix}, QDir::Files, QDir::Time)) {
        const qint64 processId = entry.fileName().sliced(prefix.size()).chopped(suffix.size()).toLongLong();
        if (processId <= 0 || processId == QCoreApplication::applicationPid() || isAlive(processId)) continue;
        const std::filesystem::path file = toStd(entry.absoluteFilePath());
        if (std::optional<Recovered> recovered = read(file)) return recovered;
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
    }
    return std::nullopt;
}

} // namespace lathe::views
