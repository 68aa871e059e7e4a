#include <views/shell/model_files.h>

#include <algorithm>
#include <utility>

#include <QFileInfo>

#include <views/models/text.h>
#include <views/shell/samples.h>
#include <views/shell/save_folder.h>

namespace lathe::views {

namespace {

bool isRecipe(const QString& file) { return file.endsWith(QLatin1String(".json"), Qt::CaseInsensitive); }

} // namespace

ModelFiles::ModelFiles(Session& session, RecipeEditor& editor, Workbench& workbench, RecipeFiles& recipeFiles, RecentFiles& recent,
                       QObject* parent)
    : QObject(parent), m_session(session), m_editor(editor), m_workbench(workbench), m_recipeFiles(recipeFiles), m_recent(recent),
      m_autosave(session) {
    connect(&workbench, &Workbench::modelOpened, this, &ModelFiles::takeOpened);
    connect(&workbench, &Workbench::busyChanged, this, [this] {
        // What was opened for a model that did not come is for the one that is still there.
        if (m_session.model() && m_recipeModel.isEmpty() && !m_workbench.isOpening()) m_recipeModel = toQt(m_session.model()->file);
    });
    connect(&recipeFiles, &RecipeFiles::opened, this, [this] {
        // Opened before its model, or while that is read: it is not for the one that goes.
        if (!m_session.model() || m_workbench.isOpeningAnother()) m_recipeModel.clear();
    });
    connect(&session, &Session::recipeFileChanged, this, &ModelFiles::remember);
    connect(&session, &Session::choicesChanged, this, &ModelFiles::remember);
    connect(&session, &Session::modelChanged, this, [this] {
        if (!m_session.model()) takeClosed();
    });
    connect(&m_watcher, &ModelFileWatcher::changed, this, &ModelFiles::offerReload);
}

void ModelFiles::openAll(QStringList files) {
    std::ranges::stable_partition(files, [](const QString& file) { return !isRecipe(file); });
    for (const QString& file : files)
        open(file);
}

void ModelFiles::open(const QString& file) {
    if (isRecipe(file)) return m_recipeFiles.open(file);
    const QString path = QFileInfo(file).absoluteFilePath();
    openModel(path, rememberedStart(ModelMemory::findFile(path)));
}

void ModelFiles::openSample(const QString& id) {
    for (const Sample& sample : samples()) {
        if (sample.id == id) openModel(sample.file, {{}, {}, sample.data, false});
    }
}

void ModelFiles::close() {
    if (!m_session.isRunning() && m_recipeFiles.confirmLeaving(tr("Save them before closing it?"))) m_session.closeModel();
}

void ModelFiles::openModel(const QString& file, Start start) {
    const bool isSame = m_session.model() && toQt(m_session.model()->file) == file;
    if (isSame) {
        emit opening();
        return m_workbench.reopenModel();
    }
    const bool isAsked = m_session.model() && !m_session.isRunning();
    if (isAsked && !m_recipeFiles.confirmLeaving(tr("Save them before opening %1?").arg(QFileInfo(file).fileName()))) return;
    m_start = std::move(start);
    emit opening();
    m_workbench.openModel(file, m_start.data, m_start.recipe.value_or(recipe::Recipe{}).preprocessing);
}

ModelFiles::Start ModelFiles::rememberedStart(const std::optional<ModelMemory::Entry>& entry) {
    Start start;
    if (!entry) return start;
    start.data = entry->data;
    if (entry->recipeFile.isEmpty()) return start;
    // One that is gone or broken since: the usual one, as if it had never been saved.
    base::Result<recipe::Recipe> recipe = recipe::load(toStd(entry->recipeFile));
    if (!recipe) return start;
    start.recipe = std::move(*recipe);
    start.recipeFile = entry->recipeFile;
    return start;
}

void ModelFiles::takeOpened(const QString& file) {
    m_watcher.watch(file);
    if (!isShipped(file)) m_recent.add(file);
    // The same file again, or a recipe that was opened for the model that comes next: it stays.
    if (m_recipeModel != file) startRecipe();
    m_recipeModel = file;
    remember();
    m_session.selectStep(-1);
    emit opened();
}

void ModelFiles::takeClosed() {
    m_recipeModel.clear();
    m_watcher.watch({});
}

void ModelFiles::startRecipe() {
    const client::OpenReply& model = *m_session.model();
    Start start = std::exchange(m_start, {});
    if (!start.recipe && start.data.isEmpty()) start = rememberedStart(ModelMemory::findContent(toQt(model.sha256)));
    if (start.data.isEmpty() && m_session.engine()) start.data = fittingData(m_session.engine()->data, model);
    m_session.setData(start.data);
    const bool isRecipeChosen = m_recipeModel.isEmpty() && m_session.recipe().stepCount() > 0 && !start.isUnsaved;
    if (isRecipeChosen) return;
    if (!start.recipe) start.recipe = usualRecipe(model.report, hasTrainingData());
    m_session.startRecipe(std::move(*start.recipe), start.recipeFile, start.isUnsaved);
    if (!start.isUnsaved) return;
    m_autosave.save();
    if (const auto recovered = std::exchange(m_recovered, std::nullopt)) RecipeAutosave::forget(*recovered);
}

void ModelFiles::remember() {
    const std::optional<client::OpenReply>& model = m_session.model();
    if (!model || toQt(model->file) != m_recipeModel || isShipped(m_recipeModel)) return;
    ModelMemory::remember({m_recipeModel, toQt(model->sha256), m_session.recipeFile(), m_session.data()});
}

void ModelFiles::offerReload(const QString& file) {
    emit offered({tr("%1 has changed on disk.").arg(QFileInfo(file).fileName()),
                  tr("Reload it to work on what is there now; the recipe stays."),
                  {},
                  tr("Reload"),
                  [this] { m_workbench.reopenModel(); },
                  {}});
}

bool ModelFiles::hasTrainingData() const {
    const std::optional<client::HelloReply>& engine = m_session.engine();
    return engine && std::any_of(engine->data.begin(), engine->data.end(), [this](const client::DataEntry& entry) {
               return !entry.shape.empty() && toQt(entry.name) == m_session.data();
           });
}

void ModelFiles::useUsualRecipe() {
    const client::InspectReport report = m_session.model() ? m_session.model()->report : client::InspectReport{};
    m_editor.replace(usualRecipe(report, hasTrainingData()), tr("use the usual recipe"));
}

void ModelFiles::offerRecovery() {
    const std::optional<RecipeAutosave::Recovered> found = RecipeAutosave::findAbandoned();
    if (!found) return;
    const auto forget = [found = *found] { RecipeAutosave::forget(found); };
    const auto recover = [this, found = *found, forget] {
        if (found.modelFile.isEmpty()) {
            m_editor.replace(found.recipe, tr("recover the recipe"));
            m_autosave.save();
            return forget();
        }
        // What was kept is forgotten when the recipe is kept anew: at the next autosave of the model that is being opened.
        Start start = rememberedStart(ModelMemory::findFile(found.modelFile));
        start.recipe = found.recipe;
        start.isUnsaved = true;
        m_recovered = found;
        openModel(found.modelFile, std::move(start));
    };
    const QString model = QFileInfo(found->modelFile).fileName();
    emit offered({tr("Lathe was not closed properly; an unsaved recipe was kept."),
                  model.isEmpty() ? tr("Recover it to go on where you were.") : tr("Recover it to go on with %1.").arg(model),
                  {},
                  tr("Recover"),
                  recover,
                  forget});
}

} // namespace lathe::views
