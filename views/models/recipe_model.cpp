#include <views/models/recipe_model.h>

#include <views/models/step_text.h>
#include <views/models/text.h>

namespace lathe::views {

RecipeModel::RecipeModel(QObject* parent) : QAbstractListModel(parent) {}

void RecipeModel::setLayerNames(std::vector<std::string> names) {
    if (names == m_layerNames) return;
    m_layerNames = std::move(names);
    retranslate(); // summaries count them
}

void RecipeModel::insertStep(int index, steps::Step step) {
    Q_ASSERT(index >= 0 && index <= stepCount());
    beginInsertRows({}, index, index);
    m_recipe.steps.insert(m_recipe.steps.begin() + index, std::move(step));
    endInsertRows();
    emit recipeChanged();
}

steps::Step RecipeModel::takeStep(int index) {
    Q_ASSERT(index >= 0 && index < stepCount());
    beginRemoveRows({}, index, index);
    steps::Step step = std::move(m_recipe.steps[static_cast<std::size_t>(index)]);
    m_recipe.steps.erase(m_recipe.steps.begin() + index);
    endRemoveRows();
    emit recipeChanged();
    return step;
}

void RecipeModel::moveStep(int from, int to) {
    if (from == to) return;
    // Qt counts the destination before the row is taken out.
    if (!beginMoveRows({}, from, from, {}, to > from ? to + 1 : to)) return;
    steps::Step step = std::move(m_recipe.steps[static_cast<std::size_t>(from)]);
    m_recipe.steps.erase(m_recipe.steps.begin() + from);
    m_recipe.steps.insert(m_recipe.steps.begin() + to, std::move(step));
    endMoveRows();
    emit recipeChanged();
}

void RecipeModel::setStep(int index, steps::Step step) {
    m_recipe.steps[static_cast<std::size_t>(index)] = std::move(step);
    emit dataChanged(this->index(index), this->index(index));
    emit recipeChanged();
}

void RecipeModel::setRecipe(recipe::Recipe recipe) {
    beginResetModel();
    m_recipe = std::move(recipe);
    endResetModel();
    emit recipeChanged();
}

void RecipeModel::setProblem(int index, const QString& sentence) {
    if (index == m_problemIndex && sentence == m_problem) return;
    m_problemIndex = index;
    m_problem = sentence;
    if (stepCount() > 0) emit dataChanged(this->index(0), this->index(stepCount() - 1), {ProblemRole, Qt::ToolTipRole});
}

void RecipeModel::setWarnings(const QHash<int, QString>& sentences) {
    if (sentences == m_warnings) return;
    m_warnings = sentences;
    // A sentence takes the place of the summary: cards get another height, for which views listen to all roles.
    if (stepCount() > 0) emit dataChanged(index(0), index(stepCount() - 1));
}

void RecipeModel::retranslate() {
    if (stepCount() > 0) emit dataChanged(index(0), index(stepCount() - 1));
}

int RecipeModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : stepCount(); }

QVariant RecipeModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const steps::Step& step = this->step(index.row());
    const bool hasProblem = index.row() == m_problemIndex;
    switch (role) {
    case Qt::DisplayRole:
        return step_text::title(step.op);
    case SummaryRole:
        return step_text::summary(step, m_layerNames);
    case EnabledRole:
        return step.enabled;
    case Qt::CheckStateRole:
        return static_cast<int>(step.enabled ? Qt::Checked : Qt::Unchecked);
    case ProblemRole:
        return hasProblem ? m_problem : QString();
    case WarningRole:
        return step.enabled ? m_warnings.value(index.row()) : QString();
    case Qt::ToolTipRole:
        if (hasProblem) return plainToolTip(m_problem);
        if (const QString warning = data(index, WarningRole).toString(); !warning.isEmpty()) return plainToolTip(warning);
        return step_text::description(step.op);
    case Qt::AccessibleTextRole:
        //: A recipe step for the screen reader: number, title, summary
        return tr("Step %1: %2, %3")
            .arg(index.row() + 1)
            .arg(step_text::title(step.op),
                 QStringList{step_text::summary(step, m_layerNames), hasProblem ? m_problem : data(index, WarningRole).toString()}
                     .join(u' ')
                     .trimmed());
    default:
        return {};
    }
}

bool RecipeModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) return false;
    emit enableWished(index.row(), value.toInt() == Qt::Checked);
    return true;
}

Qt::ItemFlags RecipeModel::flags(const QModelIndex& index) const {
    // Dropping between steps (the root) reorders; dropping onto a step means nothing.
    if (!index.isValid()) return Qt::ItemIsDropEnabled;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

bool RecipeModel::moveRows(const QModelIndex&, int sourceRow, int count, const QModelIndex&, int destinationChild) {
    if (count != 1 || sourceRow < 0 || sourceRow >= stepCount() || destinationChild < 0 || destinationChild > stepCount()) return false;
    const int to = destinationChild > sourceRow ? destinationChild - 1 : destinationChild;
    if (to == sourceRow) return false;
    emit moveWished(sourceRow, to);
    return true;
}

} // namespace lathe::views
