#include <views/models/layers_model.h>

#include <algorithm>
#include <limits>

#include <QSet>

#include <views/models/number_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

QString shapeOf(const client::LayerInfo& layer) { return shapeText(toQt(tensor::text(layer.weightShape))); }

/// "aten::conv2d" → "conv2d", "lathe::conv2d_relu" → "conv2d + relu".
QString shortOperator(const std::string& op) {
    QString name = toQt(op).section(QStringLiteral("::"), -1).section(u'.', 0, 0);
    if (name.endsWith(QLatin1String("_relu"))) name = name.chopped(5) % QStringLiteral(" + relu");
    return name;
}

bool sameNames(const std::vector<client::LayerInfo>& a, const std::vector<client::LayerInfo>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.name == y.name; });
}

} // namespace

LayersModel::LayersModel(QObject* parent) : QAbstractTableModel(parent) {}

void LayersModel::setLayers(std::vector<client::LayerInfo> layers, std::vector<client::LayerGroup> groups) {
    m_groups = std::move(groups);
    // A preview arrives with each change of the recipe: selection and scroll position must survive it.
    if (!layers.empty() && sameNames(layers, m_layers)) {
        m_layers = std::move(layers);
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_layers = std::move(layers);
    m_rows.clear();
    for (std::size_t row = 0; row < m_layers.size(); ++row)
        m_rows.insert(toQt(m_layers[row].name), static_cast<int>(row));
    endResetModel();
}

void LayersModel::setMeasured(const std::vector<measure::LayerResult>& layers) {
    m_measured.clear();
    for (const measure::LayerResult& layer : layers)
        m_measured.insert(toQt(layer.name), layer);
    if (!m_layers.empty()) emit dataChanged(index(0, Time), index(rowCount() - 1, Kernel));
}

const client::LayerInfo* LayersModel::layer(const QString& name) const {
    const auto row = m_rows.constFind(name);
    return row == m_rows.constEnd() ? nullptr : &m_layers[static_cast<std::size_t>(*row)];
}

QStringList LayersModel::coupledWith(const QStringList& layers) const {
    // Layers of one group have all others of it in common: each group is looked at once, not once for each of its layers.
    QHash<int, QStringList> asking;
    for (const QString& name : layers) {
        if (const client::LayerInfo* found = layer(name); found != nullptr && found->group >= 0) asking[found->group] << name;
    }
    QStringList coupled;
    QSet<QString> known;
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        const QStringList& askers = asking[static_cast<int>(group)];
        if (askers.isEmpty()) continue;
        for (const QString& other : toQt(m_groups[group])) {
            const bool isItself = askers.size() == 1 && askers.constFirst() == other;
            if (!isItself && !known.contains(other)) coupled << other;
            if (!isItself) known << other;
        }
    }
    return coupled;
}

const measure::LayerResult* LayersModel::measured(const QString& name) const {
    const auto found = m_measured.constFind(name);
    return found == m_measured.constEnd() ? nullptr : &found.value();
}

void LayersModel::retranslate() {
    emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    if (!m_layers.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int LayersModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_layers.size()); }
int LayersModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LayersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const client::LayerInfo& layer = m_layers[static_cast<std::size_t>(index.row())];
    const bool isNumber = index.column() >= Parameters && index.column() <= Time;
    switch (role) {
    case Qt::DisplayRole:
        return text(layer, index.column());
    case SortRole:
        return sortKey(layer, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(isNumber ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter));
    default:
        return {};
    }
}

QVariant LayersModel::text(const client::LayerInfo& layer, int column) const {
    const measure::LayerResult* result = measured(toQt(layer.name));
    switch (column) {
    case Name:
        return toQt(layer.name);
    case Operator:
        return shortOperator(layer.op);
    case Shape:
        return shapeOf(layer);
    case Parameters:
        return countText(layer.parameters);
    case Macs:
        return knownCountText(layer.macs);
    case Bits:
        return QString::number(layer.bits);
    case Sparsity:
        return percentText(layer.sparsity);
    case Loss:
        return figureText(layer.loss);
    case Sqnr:
        return decibelText(layer.sqnrDb);
    case Time:
        return microsecondsText(result ? result->p50Us : std::nullopt);
    case Kernel:
        return result ? toQt(result->kernel) : QStringLiteral("–");
    default:
        return {};
    }
}

QVariant LayersModel::sortKey(const client::LayerInfo& layer, int column) const {
    const auto orLast = [](std::optional<double> value) { return value.value_or(-std::numeric_limits<double>::infinity()); };
    const measure::LayerResult* result = measured(toQt(layer.name));
    switch (column) {
    case Parameters:
        return static_cast<qlonglong>(layer.parameters);
    case Macs:
        return static_cast<qlonglong>(layer.macs);
    case Bits:
        return layer.bits;
    case Sparsity:
        return layer.sparsity;
    case Loss:
        return orLast(layer.loss);
    case Sqnr:
        return orLast(layer.sqnrDb);
    case Time:
        return orLast(result ? result->p50Us : std::nullopt);
    default:
        return text(layer, column);
    }
}

QVariant LayersModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber = section >= Parameters && section <= Time;
        return QVariant::fromValue(Qt::Alignment(isNumber ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case Name:
        return tr("Layer");
    case Operator:
        return tr("Operator");
    case Shape:
        return tr("Weights");
    case Parameters:
        return tr("Parameters");
    case Macs:
        return tr("MACs");
    case Bits:
        return tr("Bits");
    case Sparsity:
        return tr("Sparsity");
    case Loss:
        return QStringLiteral("½‖θ−θ̂‖²");
    case Sqnr:
        return tr("SQNR");
    case Time:
        return tr("Time");
    case Kernel:
        return tr("Kernel");
    default:
        return {};
    }
}

} // namespace lathe::views
