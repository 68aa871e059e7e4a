#include <views/models/layers_model.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <QSet>

#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/run_text.h>
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

/// Null: the column is no figure's.
const history::Figure* figureAt(int column) {
    const auto all = history::layerFigures();
    const int position = column - LayersModel::FirstFigure;
    return position < 0 || position >= std::ssize(all) ? nullptr : &all[static_cast<std::size_t>(position)];
}

const history::Figure& timeFigure() {
    static const history::Figure& time = *history::layerFigureNamed("p50_us");
    return time;
}

Qt::Alignment alignment(int column) {
    return (figureAt(column) != nullptr || column == LayersModel::Setting ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter;
}

/// 0.5: "50 %"; 0.125: "12.5 %".
QString shareText(double share) { return percentText(share, std::abs(share * 100 - std::round(share * 100)) < 1e-9 ? 0 : 1); }

bool sameNames(const std::vector<client::LayerInfo>& a, const std::vector<client::LayerInfo>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.name == y.name; });
}

} // namespace

LayersModel::LayersModel(QObject* parent) : QAbstractTableModel(parent) {}

void LayersModel::setLayers(std::vector<client::LayerInfo> layers, std::vector<client::LayerGroup> groups) {
    m_groups = std::move(groups);
    const bool isSameModel = !layers.empty() && sameNames(layers, m_layers);
    m_layers = std::move(layers);
    m_layerNumbers.clear();
    for (std::size_t number = 0; number < m_layers.size(); ++number)
        m_layerNumbers.insert(toQt(m_layers[number].name), static_cast<int>(number));
    setLines(isSameModel);
}

void LayersModel::setMeasured(const measure::ModelResult& result) {
    m_measured = {};
    m_measured.layers = result.layers;
    m_measured.latency.p50 = result.latency.p50;
    m_measured.latency.whyNotReliable = result.latency.whyNotReliable;
    emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    m_resultNumbers.clear();
    m_coveredBy.clear();
    for (std::size_t number = 0; number < result.layers.size(); ++number) {
        const measure::LayerResult& layer = result.layers[number];
        const QString name = toQt(layer.name);
        if (!m_resultNumbers.contains(name)) m_resultNumbers.insert(name, static_cast<int>(number));
        for (const std::string& covered : layer.covers)
            m_coveredBy.insert(toQt(covered), name);
    }
    setLines(true);
}

void LayersModel::setLines(bool isSameModel) {
    std::vector<Line> wanted = lines();
    // A preview arrives with each change of the recipe: selection and scroll position must survive it.
    if (isSameModel && wanted == m_lines) {
        if (!m_lines.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return;
    }
    beginResetModel();
    m_lines = std::move(wanted);
    endResetModel();
}

std::vector<LayersModel::Line> LayersModel::lines() const {
    std::vector<Line> lines;
    std::vector<bool> isListed(m_layers.size(), false);
    int next = 0; // layers before it are listed, or come with their instruction
    for (std::size_t result = 0; result < m_measured.layers.size(); ++result) {
        const QString name = toQt(m_measured.layers[result].name);
        const int layer = m_resultNumbers.value(name) == static_cast<int>(result) ? m_layerNumbers.value(name, -1) : -1;
        if (layer >= 0) {
            // Layers that did not run as themselves keep their place among the others.
            for (; next < layer; ++next) {
                const auto at = static_cast<std::size_t>(next);
                if (isListed[at] || m_resultNumbers.contains(toQt(m_layers[at].name))) continue;
                isListed[at] = true;
                lines.push_back({next, -1});
            }
            isListed[static_cast<std::size_t>(layer)] = true;
        }
        lines.push_back({layer, static_cast<int>(result)});
    }
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        if (!isListed[layer]) lines.push_back({static_cast<int>(layer), -1});
    }
    if (measure::restUs(m_measured)) lines.push_back({-1, -1});
    return lines;
}

const client::LayerInfo* LayersModel::layer(const QString& name) const {
    const auto found = m_layerNumbers.constFind(name);
    return found == m_layerNumbers.constEnd() ? nullptr : &m_layers[static_cast<std::size_t>(*found)];
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
    const auto found = m_resultNumbers.constFind(name);
    return found == m_resultNumbers.constEnd() ? nullptr : &m_measured.layers[static_cast<std::size_t>(*found)];
}

QString LayersModel::coveredBy(const QString& name) const { return m_coveredBy.value(name); }

void LayersModel::retranslate() {
    emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    if (!m_lines.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

int LayersModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_lines.size()); }
int LayersModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kernelColumn() + 1; }

int LayersModel::columnOf(std::string_view figure) {
    return FirstFigure + static_cast<int>(history::layerFigureNamed(figure) - history::layerFigures().data());
}
int LayersModel::kernelColumn() { return FirstFigure + static_cast<int>(history::layerFigures().size()); }

void LayersModel::setSetting(std::optional<LayerSetting> setting) {
    m_setting = std::move(setting);
    emit headerDataChanged(Qt::Horizontal, Setting, Setting);
    if (!m_lines.empty()) emit dataChanged(index(0, Setting), index(rowCount() - 1, Setting));
}

std::optional<double> LayersModel::settingOf(const Line& line) const {
    const client::LayerInfo* layer = layerAt(line);
    if (!m_setting || layer == nullptr || m_setting->step.leavesOut(layer->name)) return std::nullopt;
    const base::Json value = m_setting->step.parameter(m_setting->key, layer->name);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

Qt::ItemFlags LayersModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags allowed = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == Setting && settingOf(m_lines[static_cast<std::size_t>(index.row())]))
        allowed |= Qt::ItemIsEditable;
    return allowed;
}

bool LayersModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) return false;
    bool isNumber = false;
    const double percent = value.toDouble(&isNumber);
    if (!isNumber) return false;
    const double share = std::clamp(percent / 100, m_setting->minimum, m_setting->maximum);
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    if (share == settingOf(line)) return false;
    emit settingWished(nameOf(line), share);
    return true;
}

bool LayersModel::isTold(int column) const {
    if (column == Setting) return m_setting.has_value();
    const history::Figure* asked = figureAt(column);
    return asked == nullptr || asked->isAlwaysInJson || asked == &timeFigure() ||
           std::any_of(m_lines.begin(), m_lines.end(), [&](const Line& line) { return figure(line, column).has_value(); });
}

bool LayersModel::isDoubtful(const history::Figure& figure) const {
    return figure.doubt == history::FigureDoubt::Latency && !areTimesReliable();
}

const client::LayerInfo* LayersModel::layerAt(const Line& line) const {
    return line.layer < 0 ? nullptr : &m_layers[static_cast<std::size_t>(line.layer)];
}

const measure::LayerResult* LayersModel::resultAt(const Line& line) const {
    return line.result < 0 ? nullptr : &m_measured.layers[static_cast<std::size_t>(line.result)];
}

QString LayersModel::nameOf(const Line& line) const {
    if (const client::LayerInfo* layer = layerAt(line)) return toQt(layer->name);
    const measure::LayerResult* result = resultAt(line);
    return result ? toQt(result->name) : QString();
}

QVariant LayersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    const bool isRest = line == Line{};
    switch (role) {
    case Qt::DisplayRole:
        return text(line, index.column());
    case Qt::EditRole:
        if (index.column() != Setting) return text(line, index.column());
        return settingOf(line) ? QVariant(*settingOf(line) * 100) : QVariant();
    case SortRole:
        return sortKey(line, index.column());
    case NodeRole:
        return nameOf(line);
    case DoubtRole:
        return figureAt(index.column()) != nullptr && isDoubtful(*figureAt(index.column())) && figure(line, index.column()).has_value();
    case Qt::ToolTipRole:
        if (index.data(DoubtRole).toBool()) return plainToolTip(notReliableText(m_measured.latency.whyNotReliable));
        if (isRest)
            return plainToolTip(tr("What a whole call takes beyond the times of its operators. Negative when the operators, timed one by "
                                   "one, took longer than in the call."));
        return {};
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(alignment(index.column()));
    default:
        return {};
    }
}

std::optional<double> LayersModel::figure(const Line& line, int column) const {
    const history::Figure* asked = figureAt(column);
    if (asked == nullptr) return std::nullopt;
    const client::LayerInfo* layer = layerAt(line);
    const measure::LayerResult* result = resultAt(line);
    if (asked == &timeFigure() && line == Line{}) return measure::restUs(m_measured);
    if (asked->isOfRun) return result ? history::valueOf(*asked, *result) : std::nullopt;
    if (layer) return history::valueOf(*asked, *layer);
    return result && !asked->isOfWeights ? history::valueOf(*asked, *result) : std::nullopt;
}

QVariant LayersModel::text(const Line& line, int column) const {
    const client::LayerInfo* layer = layerAt(line);
    const measure::LayerResult* result = resultAt(line);
    const QString missing = QStringLiteral("–");
    if (const history::Figure* asked = figureAt(column)) {
        const std::optional<double> value = figure(line, column);
        //: Instead of a time: the layer runs as a part of another, whose name is %1
        if (asked == &timeFigure() && !value && layer && !coveredBy(toQt(layer->name)).isEmpty())
            return tr("in %1").arg(coveredBy(toQt(layer->name)));
        // What nobody could count differs from what there is nothing to count of.
        if (!value && (asked->isOfWeights ? !layer : !layer && !result)) return missing;
        return QString((value && isDoubtful(*asked) ? QStringLiteral("≈") : QString()) % layerFigureText(*asked, value));
    }
    switch (column) {
    case Name:
        return layer || result ? nameOf(line) : tr("Rest of the call");
    case Operator:
        return layer ? shortOperator(layer->op) : result ? shortOperator(result->op) : missing;
    case Shape:
        return layer ? shapeOf(*layer) : missing;
    case Setting:
        return settingOf(line) ? shareText(*settingOf(line)) : missing;
    default:
        return result ? toQt(result->kernel) : missing;
    }
}

QVariant LayersModel::sortKey(const Line& line, int column) const {
    if (figureAt(column) != nullptr) return figure(line, column).value_or(-std::numeric_limits<double>::infinity());
    if (column == Setting) return settingOf(line).value_or(-std::numeric_limits<double>::infinity());
    return text(line, column);
}

QVariant LayersModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(alignment(section));
    if (role == Qt::ToolTipRole) {
        if (section == Setting)
            return plainToolTip(tr("Double-click to change it. With several layers selected it is that of all of them; when they are all "
                                   "that the filter shows, the recipe keeps the pattern."));
        const history::Figure* figure = figureAt(section);
        return figure != nullptr && *figure->explanation != 0 ? plainToolTip(figureExplanation(*figure)) : QVariant();
    }
    if (role != Qt::DisplayRole) return {};
    if (const history::Figure* figure = figureAt(section))
        return isDoubtful(*figure) ? tr("%1 (not reliable)").arg(figureName(*figure)) : figureName(*figure);
    switch (section) {
    case Name:
        return tr("Layer");
    case Operator:
        return tr("Operator");
    case Shape:
        return tr("Weights");
    case Setting:
        return m_setting ? m_setting->title : QString();
    default:
        return tr("Kernel");
    }
}

} // namespace lathe::views
