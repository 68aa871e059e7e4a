#pragma once

#include <optional>

#include <QObject>
#include <QStringList>
#include <QUndoStack>

#include <core/base/job.h>
#include <core/client/protocol.h>
#include <core/measure/result.h>
#include <views/models/layers_model.h>
#include <views/models/log_model.h>
#include <views/models/recipe_model.h>

namespace lathe::views {

/// What the engineer is working on, without any widget: the open model, the recipe with its undo history, what is selected, what the engine
/// last said about it. Every panel shows a part of it and follows its signals, so that selecting in one place selects everywhere.
class Session : public QObject {
    Q_OBJECT

public:
    explicit Session(QObject* parent = nullptr);

    [[nodiscard]] RecipeModel& recipe() { return m_recipe; }
    [[nodiscard]] const RecipeModel& recipe() const { return m_recipe; }
    [[nodiscard]] LayersModel& layers() { return m_layers; }
    [[nodiscard]] LogModel& log() { return m_log; }
    [[nodiscard]] QUndoStack& undoStack() { return m_undoStack; }
    [[nodiscard]] bool hasUnsavedChanges() const { return !m_undoStack.isClean(); }

    /// Nothing while the engine has not answered yet.
    [[nodiscard]] const std::optional<client::HelloReply>& engine() const { return m_engine; }
    void setEngine(std::optional<client::HelloReply> engine);

    [[nodiscard]] const std::optional<client::OpenReply>& model() const { return m_model; }
    /// A model that was opened: its layers fill the table, selection and results of another model go. The recipe stays until startRecipe().
    void setModel(client::OpenReply model);
    /// The same model under a new handle, after the engine was started again.
    void renewHandle(client::ModelHandle handle);
    /// The model goes, and with it its recipe and data.
    void closeModel();
    /// The recipe of a model that was opened, as a new document: nothing to undo; unsaved changes only where `isUnsaved`.
    void startRecipe(recipe::Recipe recipe, const QString& file, bool isUnsaved);

    /// File of the recipe; empty until it is saved.
    [[nodiscard]] const QString& recipeFile() const { return m_recipeFile; }
    void setRecipeFile(const QString& file);

    /// The drawing that was shown last, of whatever stage; of the modules that are open in it.
    [[nodiscard]] const layout::Drawing& drawing() const { return m_drawing; }
    void setDrawing(layout::Drawing drawing) { m_drawing = std::move(drawing); }

    /// Ids of nodes (a layer's name is its node's id), in the order in which they were chosen.
    [[nodiscard]] const QStringList& selectedNodes() const { return m_selectedNodes; }
    [[nodiscard]] QStringList selectedLayers() const;
    void selectNodes(const QStringList& nodes);
    /// -1: none.
    [[nodiscard]] int selectedStep() const { return m_selectedStep; }
    void selectStep(int index);

    /// What the recipe would do; nothing before the first answer.
    [[nodiscard]] const std::optional<client::PreviewReply>& preview() const { return m_preview; }
    void setPreview(std::optional<client::PreviewReply> preview);

    /// "": none was chosen.
    [[nodiscard]] const QString& data() const { return m_data; }
    [[nodiscard]] const QString& device() const { return m_device; }
    void setData(const QString& data);
    void setDevice(const QString& device);

    /// The comparison that is running; its progress is empty until the first note.
    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    [[nodiscard]] const base::Progress& progress() const { return m_progress; }
    void setRunning(bool running);
    void setProgress(const base::Progress& progress);

    /// The last comparison of this model in this session.
    [[nodiscard]] const std::optional<measure::RunDocument>& lastRun() const { return m_lastRun; }
    void setLastRun(std::optional<measure::RunDocument> run);

signals:
    void engineChanged();
    void modelChanged();
    void recipeFileChanged();
    void selectedNodesChanged();
    void selectedStepChanged();
    void previewChanged();
    void choicesChanged(); ///< data or device
    void runningChanged();
    void progressChanged();
    void lastRunChanged();

private:
    void keepSelectedStep();

    RecipeModel m_recipe;
    LayersModel m_layers;
    LogModel m_log;
    QUndoStack m_undoStack;
    std::optional<client::HelloReply> m_engine;
    std::optional<client::OpenReply> m_model;
    layout::Drawing m_drawing;
    std::optional<client::PreviewReply> m_preview;
    std::optional<measure::RunDocument> m_lastRun;
    base::Progress m_progress;
    QString m_recipeFile, m_data, m_device;
    QStringList m_selectedNodes;
    int m_selectedStep = -1;
    bool m_isRunning = false;
};

} // namespace lathe::views
