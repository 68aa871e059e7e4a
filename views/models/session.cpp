#include <views/models/session.h>

#include <views/models/text.h>

namespace lathe::views {

Session::Session(QObject* parent) : QObject(parent), m_device(QStringLiteral("cpu")) {
    connect(&m_recipe, &RecipeModel::rowsRemoved, this, &Session::keepSelectedStep);
    connect(&m_recipe, &RecipeModel::modelReset, this, &Session::keepSelectedStep);
}

void Session::setEngine(std::optional<client::HelloReply> engine) {
    m_engine = std::move(engine);
    emit engineChanged();
}

void Session::setModel(client::OpenReply model) {
    m_model = std::move(model);
    m_preview.reset();
    m_selectedNodes.clear();
    m_lastRun.reset();
    m_layers.setMeasured({});
    m_layers.setLayers(m_model->layers, m_model->groups);
    std::vector<std::string> names;
    for (const client::LayerInfo& layer : m_model->layers) {
        if (!layer.weightShape.empty()) names.push_back(layer.name);
    }
    m_recipe.setLayerNames(std::move(names));
    emit modelChanged();
    emit selectedNodesChanged();
    emit previewChanged();
    emit lastRunChanged();
}

void Session::renewHandle(client::ModelHandle handle) {
    Q_ASSERT(m_model);
    m_model->model = handle;
}

void Session::closeModel() {
    m_model.reset();
    m_drawing = {};
    m_preview.reset();
    m_selectedNodes.clear();
    m_lastRun.reset();
    m_layers.setMeasured({});
    m_layers.setLayers({});
    m_recipe.setLayerNames({});
    startRecipe({}, {}, false);
    setData({});
    emit modelChanged();
    emit selectedNodesChanged();
    emit previewChanged();
    emit lastRunChanged();
}

void Session::startRecipe(recipe::Recipe recipe, const QString& file, bool isUnsaved) {
    m_recipe.setRecipe(std::move(recipe));
    m_undoStack.clear();
    if (isUnsaved) m_undoStack.resetClean();
    setRecipeFile(file);
}

void Session::setRecipeFile(const QString& file) {
    m_recipeFile = file;
    emit recipeFileChanged();
}

QStringList Session::selectedLayers() const {
    QStringList names;
    for (const QString& node : m_selectedNodes) {
        if (m_layers.layer(node)) names.append(node);
    }
    return names;
}

void Session::selectNodes(const QStringList& nodes) {
    if (nodes == m_selectedNodes) return;
    m_selectedNodes = nodes;
    emit selectedNodesChanged();
}

void Session::selectStep(int index) {
    if (index < -1 || index >= m_recipe.stepCount() || index == m_selectedStep) return;
    m_selectedStep = index;
    emit selectedStepChanged();
}

void Session::keepSelectedStep() {
    const int last = m_recipe.stepCount() - 1;
    if (m_selectedStep <= last) return;
    m_selectedStep = last;
    emit selectedStepChanged();
}

void Session::setPreview(std::optional<client::PreviewReply> preview) {
    m_preview = std::move(preview);
    if (m_preview) m_layers.setLayers(m_preview->layers, m_preview->groups);
    emit previewChanged();
}

void Session::setData(const QString& data) {
    if (data == m_data) return;
    m_data = data;
    emit choicesChanged();
}

void Session::setDevice(const QString& device) {
    if (device == m_device) return;
    m_device = device;
    emit choicesChanged();
}

void Session::setRunning(bool running) {
    if (running == m_isRunning) return;
    m_isRunning = running;
    m_progress = {};
    emit runningChanged();
    emit progressChanged();
}

void Session::setProgress(const base::Progress& progress) {
    m_progress = progress;
    emit progressChanged();
}

void Session::setLastRun(std::optional<measure::RunDocument> run) {
    m_lastRun = std::move(run);
    m_layers.setMeasured(m_lastRun ? m_lastRun->optimized : measure::ModelResult{});
    emit lastRunChanged();
}

} // namespace lathe::views
