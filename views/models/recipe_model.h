#pragma once

#include <QAbstractListModel>
#include <QHash>

#include <core/recipe/recipe.h>

namespace lathe::views {

/// The recipe document as a list of steps. Reading is open to all; the functions that change it are called by commands only
/// (views/commands), so that every change can be undone. What a view asks for through the model interface (check box, drag and drop) is
/// emitted as a wish for the same reason.
class RecipeModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        SummaryRole = Qt::UserRole + 1,
        EnabledRole,
        ProblemRole, ///< why the step cannot be applied
        WarningRole, ///< what it was asked for and does not do
    };

    explicit RecipeModel(QObject* parent = nullptr);

    [[nodiscard]] const recipe::Recipe& recipe() const { return m_recipe; }
    [[nodiscard]] const steps::Step& step(int index) const { return m_recipe.steps[static_cast<std::size_t>(index)]; }
    [[nodiscard]] int stepCount() const { return static_cast<int>(m_recipe.steps.size()); }

    /// The layers of the open model, in its order: what rules of steps are about. Empty: no model.
    void setLayerNames(std::vector<std::string> names);
    [[nodiscard]] const std::vector<std::string>& layerNames() const { return m_layerNames; }
    /// The step with its rule bound to these layers: what its parameters are for one of them.
    [[nodiscard]] steps::Step boundStep(int index) const { return steps::bound(step(index), m_layerNames); }

    void insertStep(int index, steps::Step step);
    steps::Step takeStep(int index);
    /// Afterwards the step stands at `to`.
    void moveStep(int from, int to);
    void setStep(int index, steps::Step step);
    void setRecipe(recipe::Recipe recipe);

    /// A sentence shown at a step (from the preview); -1 and "" for none. Not part of the document.
    void setProblem(int index, const QString& sentence);
    /// Sentences shown at steps that do not do what they were asked for, by index. Not part of the document.
    void setWarnings(const QHash<int, QString>& sentences);
    /// After the language changed.
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    bool moveRows(const QModelIndex& sourceParent, int sourceRow, int count, const QModelIndex& destinationParent,
                  int destinationChild) override;

signals:
    /// After every change of the document.
    void recipeChanged();
    void enableWished(int index, bool enabled);
    void moveWished(int from, int to);

private:
    recipe::Recipe m_recipe;
    std::vector<std::string> m_layerNames;
    int m_problemIndex = -1;
    QString m_problem;
    QHash<int, QString> m_warnings;
};

} // namespace lathe::views
