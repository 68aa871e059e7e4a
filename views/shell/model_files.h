#pragma once

#include <optional>

#include <QObject>

#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/shell/model_file_watcher.h>
#include <views/shell/model_memory.h>
#include <views/shell/recent_files.h>
#include <views/shell/recipe_autosave.h>
#include <views/shell/recipe_files.h>
#include <views/widgets/message_bar.h>

namespace lathe::views {

/// Opens models: each begins with the recipe and the data that were chosen for it the last time, or with what is usual for its kind. Offers
/// what was not saved when a window ended, and a model that changed on disk.
class ModelFiles : public QObject {
    Q_OBJECT

public:
    ModelFiles(Session& session, RecipeEditor& editor, Workbench& workbench, RecipeFiles& recipeFiles, RecentFiles& recent,
               QObject* parent = nullptr);

    /// A model or, by its name *.json, a recipe.
    void open(const QString& file);
    /// Models first: the recipes among them are for the last of those.
    void openAll(QStringList files);
    void openSample(const QString& id);
    /// Asks about unsaved changes first.
    void close();
    /// The recipe that is usual for the kind of the model, as a change of its own.
    void useUsualRecipe();
    /// What a process that did not end properly left unsaved, if anything.
    void offerRecovery();
    /// The window closes, and nothing unsaved is left.
    void discardAutosave() { m_autosave.discard(); }

signals:
    /// A model was asked for; it comes with opened(), or does not come.
    void opening();
    void opened();
    /// For the bar above the work.
    void offered(const lathe::views::MessageBar::Message& message);

private:
    /// What a model begins with: what was chosen for it the last time, or what is usual for its kind.
    struct Start {
        std::optional<recipe::Recipe> recipe; ///< nothing: the usual one
        QString recipeFile, data;
        bool isUnsaved = false;
    };
    /// Asks about unsaved changes first, since the model that is open goes with its recipe.
    void openModel(const QString& file, Start start);
    [[nodiscard]] static Start rememberedStart(const std::optional<ModelMemory::Entry>& entry);
    void takeOpened(const QString& file);
    void takeClosed();
    void startRecipe();
    /// Notes recipe file and data of the model that is open.
    void remember();
    void offerReload(const QString& file);
    [[nodiscard]] bool hasTrainingData() const;

    Session& m_session;
    RecipeEditor& m_editor;
    Workbench& m_workbench;
    RecipeFiles& m_recipeFiles;
    RecentFiles& m_recent;
    RecipeAutosave m_autosave;
    ModelFileWatcher m_watcher;
    Start m_start;                                        ///< of the model that is being opened
    std::optional<RecipeAutosave::Recovered> m_recovered; ///< until its model is open
    QString m_recipeModel;                                ///< file of the model that the recipe is for; "": of any
};

} // namespace lathe::views
