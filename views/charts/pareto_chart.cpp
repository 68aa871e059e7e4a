#include <views/charts/pareto_chart.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include <QComboBox>
#include <qcustomplot.h>

#include <core/history/figures.h>
#include <views/charts/chart_style.h>
#include <views/graph/label_placer.h>
#include <views/models/figure_words.h>
#include <views/models/number_text.h>
#include <views/models/run_text.h>
#include <views/models/text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

const history::Figure& figureOf(ParetoChart::Axis axis) {
    static constexpr const char* names[] = {"latency_p50", "speedup", "file_size"};
    return *history::figureNamed(names[axis]);
}

/// What stands on the x axis for a run; nothing when it was not measured.
std::optional<double> xValue(const history::RunRow& row, const history::Standing& standing, ParetoChart::Axis axis) {
    if (axis == ParetoChart::SpeedUp) {
        if (standing.speedup) return standing.speedup;
        // What others are compared with, and the same model on another day.
        if (row.role == history::RunRole::Baseline || row.isPinnedBaseline) return 1.0;
        return std::nullopt;
    }
    const history::Figure& figure = figureOf(axis);
    const auto value = history::valueOf(figure, row);
    return value ? std::optional(*value * figure.chart.factor) : std::nullopt;
}

/// Is that value worthless because the machine was disturbed?
bool isDoubtful(const history::RunRow& row, const history::Standing& standing, ParetoChart::Axis axis) {
    if (axis == ParetoChart::SpeedUp) return standing.speedup && !standing.isSpeedReliable;
    return !history::doubtOf(figureOf(axis), row).empty();
}

/// From least to greatest with room at the edges, more at the right for the labels.
QCPRange roomy(double least, double greatest, double before, double after) {
    const double span = greatest > least ? greatest - least : std::max(std::abs(greatest) * 0.2, 1e-6);
    return {least - span * before, greatest + span * after};
}

} // namespace

ParetoChart::ParetoChart(QWidget* parent) : Chart(parent) {
    // Where labels fit is known when the axes have their places, on screen and in each export.
    connect(&plot(), &QCustomPlot::afterLayout, this, &ParetoChart::placeLabels);
}

QString ParetoChart::title() const { return tr("Quality against cost, with the Pareto front"); }

QStringList ParetoChart::choices() const {
    return {tr("Against latency"),      tr("Against speed-up"),      tr("Against file size"),
            tr("SQNR against latency"), tr("SQNR against speed-up"), tr("SQNR against file size")};
}

ParetoChart::Axis ParetoChart::axis() const { return static_cast<Axis>(std::max(0, choice().currentIndex()) % axisCount); }

const history::Figure& ParetoChart::quality() const {
    // What a task has beside the accuracy tells more of it.
    for (const char* name : {"mean_iou", "auc", "accuracy", "r2", "spearman"}) {
        const history::Figure& figure = *history::figureNamed(name);
        const auto hasIt = [&](const history::RunRow& row) { return history::valueOf(figure, row).has_value(); };
        if (choice().currentIndex() < axisCount && std::ranges::any_of(rows(), hasIt)) return figure;
    }
    return *history::figureNamed("sqnr_db");
}

void ParetoChart::collect() {
    m_points.clear();
    double best = 0;
    const history::Figure& figure = quality();
    const bool isOfOutputs = figure.name == "sqnr_db";
    for (const history::RunRow& row : rows()) {
        const std::optional<double> x = xValue(row, standing(row), axis());
        if (!hasResult(row) || !x || !std::isfinite(*x)) continue;
        Point point{&row,
                    *x,
                    0,
                    false,
                    row.role == history::RunRole::Baseline || row.isPinnedBaseline,
                    false,
                    isDoubtful(row, standing(row), axis())};
        const measure::Quality& measured = row.result.quality;
        if (!isOfOutputs) {
            const auto value = history::valueOf(figure, row);
            if (!value) continue;
            point.quality = *value * figure.chart.factor;
        } else if (row.role == history::RunRole::Baseline || measure::isIdentical(measured)) {
            point.isIdentical = true;
        } else {
            if (!measured.sqnrDb) continue;
            point.quality = *measured.sqnrDb;
            best = std::max(best, point.quality);
        }
        m_points.push_back(point);
    }
    constexpr double headroomDb = 6;
    for (Point& point : m_points)
        if (point.isIdentical) point.quality = best + headroomDb;
    // Originals alone say nothing about outputs.
    if (isOfOutputs &&
        std::all_of(m_points.begin(), m_points.end(), [](const Point& point) { return point.row->role == history::RunRole::Baseline; }))
        m_points.clear();
    std::vector<ParetoPoint> candidates;
    std::vector<std::size_t> places;
    for (std::size_t index = 0; index < m_points.size(); ++index) {
        const Point& point = m_points[index];
        if (point.isDoubtful) continue;
        candidates.push_back({axis() == SpeedUp ? -point.x : point.x, point.quality});
        places.push_back(index);
    }
    for (const std::size_t candidate : paretoFront(candidates))
        m_points[places[candidate]].isOnFront = true;
}

QString ParetoChart::fill() {
    collect();
    if (rows().empty()) return tr("No runs yet. Press F5 to compare the model with and without the recipe.");
    if (m_points.empty()) return tr("No run has both a quality and this figure.");
    addSeries();
    addLabels();
    plot().xAxis->setLabel(axis() == SpeedUp ? tr("speed-up over Lathe's plan of the original, ×") : chartTitle(figureOf(axis())));
    plot().yAxis->setLabel(chartTitle(quality()));
    const auto [left, right] =
        std::minmax_element(m_points.begin(), m_points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
    const auto [low, high] =
        std::minmax_element(m_points.begin(), m_points.end(), [](const Point& a, const Point& b) { return a.quality < b.quality; });
    plot().xAxis->setRange(roomy(left->x, right->x, 0.08, 0.3));
    plot().yAxis->setRange(roomy(low->quality, high->quality, 0.12, 0.15));
    return {};
}

void ParetoChart::addSeries() {
    const ChartColors colors = chartColors(palette());
    struct Series {
        QString name;
        QCPScatterStyle style;
        QPen line;
        std::function<bool(const Point&)> holds;
    };
    const QString selected = selectedRun();
    const QPen dashes(colors.run, 1.3, Qt::DashLine);
    const auto shape = [](QCPScatterStyle::ScatterShape form, const QColor& colour, double size, bool filled) {
        return QCPScatterStyle(form, QPen(colour, 1.6), filled ? QBrush(colour) : QBrush(Qt::NoBrush), size);
    };
    const Series all[] = {
        {tr("Pareto front"), shape(QCPScatterStyle::ssDisc, colors.run, 9, true), QPen(Qt::NoPen),
         [](const Point& p) { return p.isOnFront && !p.isBaseline; }},
        {tr("beaten by another"), shape(QCPScatterStyle::ssCross, colors.dominated, 8, false), QPen(Qt::NoPen),
         [](const Point& p) { return !p.isOnFront && !p.isBaseline && !p.isDoubtful; }},
        {tr("baseline"), shape(QCPScatterStyle::ssSquare, colors.baseline, 9, true), QPen(Qt::NoPen),
         [](const Point& p) { return p.isBaseline && !p.isDoubtful; }},
        {tr("not reliable"), shape(QCPScatterStyle::ssCircle, colors.dominated, 9, false), QPen(Qt::NoPen),
         [](const Point& p) { return p.isDoubtful; }},
    };
    QCPGraph* front = plot().addGraph();
    front->setPen(dashes);
    front->setScatterStyle(QCPScatterStyle::ssNone);
    for (const Point& point : m_points) {
        if (point.isOnFront) front->addData(point.x, point.quality);
    }
    for (const Series& series : all) {
        QCPGraph* graph = plot().addGraph();
        graph->setName(series.name);
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setPen(series.line);
        graph->setScatterStyle(series.style);
        for (const Point& point : m_points) {
            if (series.holds(point)) graph->addData(point.x, point.quality);
        }
        if (graph->dataCount() > 0) graph->addToLegend();
    }
    plot().legend->setVisible(true);

    QCPGraph* ring = plot().addGraph();
    ring->setLineStyle(QCPGraph::lsNone);
    ring->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colors.selected, 1.8), QBrush(Qt::NoBrush), 17));
    for (const Point& point : m_points) {
        if (toQt(point.row->id) == selected) ring->addData(point.x, point.quality);
    }
}

void ParetoChart::addLabels() {
    const ThemeColors& theme = themeColors(palette());
    for (const Point& point : m_points) {
        auto* label = new QCPItemText(&plot());
        const bool isSaid = point.isIdentical && point.row->role == history::RunRole::Optimized;
        //: A run whose outputs are those of the original; %1 is its name
        label->setText(isSaid ? tr("%1 · identical").arg(shortRunName(*point.row)) : shortRunName(*point.row));
        label->setFont(plot().legend->font());
        label->setColor(theme.muted);
        label->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        label->position->setType(QCPItemPosition::ptAbsolute);
        label->setPadding(QMargins());
        label->setClipToAxisRect(false);
        label->setSelectable(false);
    }
}

void ParetoChart::placeLabels() {
    m_labelRects.assign(m_points.size(), QRectF());
    if (static_cast<std::size_t>(plot().itemCount()) != m_points.size()) return;
    const QRectF area = plot().axisRect()->rect();
    const auto pixel = [this](const Point& point) {
        return QPointF(plot().xAxis->coordToPixel(point.x), plot().yAxis->coordToPixel(point.quality));
    };
    LabelPlacer placer;
    for (const Point& point : m_points)
        placer.take({pixel(point) - QPointF(7, 7), QSizeF(14, 14)});
    // The line of the front is no place for words either.
    std::vector<QPointF> front;
    for (const Point& point : m_points) {
        if (point.isOnFront) front.push_back(pixel(point));
    }
    std::sort(front.begin(), front.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); });
    for (std::size_t index = 1; index < front.size(); ++index) {
        const QLineF piece(front[index - 1], front[index]);
        for (double along = 0; along < piece.length(); along += 5)
            placer.take({piece.pointAt(along / piece.length()) - QPointF(1, 1), QSizeF(2, 2)});
    }
    // The selected run and the front come first where there is little room.
    std::vector<std::size_t> order(m_points.size());
    for (std::size_t index = 0; index < order.size(); ++index)
        order[index] = index;
    const auto rank = [this](std::size_t index) {
        return toQt(m_points[index].row->id) == selectedRun() ? 0 : m_points[index].isOnFront ? 1 : 2;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    const QFontMetricsF metrics(plot().legend->font());
    for (const std::size_t index : order) {
        auto* label = qobject_cast<QCPItemText*>(plot().item(static_cast<int>(index)));
        const QSizeF size(metrics.horizontalAdvance(label->text()) + 4, metrics.height());
        const QPointF at = pixel(m_points[index]);
        std::vector<QRectF> candidates;
        for (const double gap : {9.0, 14.0, 22.0}) {
            const double right = at.x() + gap, left = at.x() - gap - size.width(), middle = at.x() - size.width() / 2;
            const double above = at.y() - gap - size.height(), below = at.y() + gap, beside = at.y() - size.height() / 2;
            for (const QPointF corner :
                 {QPointF(right, beside), QPointF(right, above + 5), QPointF(right, below - 5), QPointF(middle, above),
                  QPointF(middle, below), QPointF(left, beside), QPointF(left, above + 5), QPointF(left, below - 5)}) {
                const QRectF candidate(corner, size);
                if (area.contains(candidate)) candidates.push_back(candidate);
            }
        }
        m_labelRects[index] = placer.place(candidates).value_or(QRectF());
        label->setVisible(!m_labelRects[index].isNull());
        label->position->setCoords(m_labelRects[index].topLeft());
    }
}

std::vector<QRectF> ParetoChart::labelRects() const { return m_labelRects; }

const ParetoChart::Point* ParetoChart::pointAt(QPointF position) const {
    constexpr double reach = 12;
    const Point* nearest = nullptr;
    double best = reach;
    for (const Point& point : m_points) {
        const QPointF at(plot().xAxis->coordToPixel(point.x), plot().yAxis->coordToPixel(point.quality));
        const double distance = QLineF(at, position).length();
        if (distance > best) continue;
        best = distance;
        nearest = &point;
    }
    return nearest;
}

QString ParetoChart::runAt(QPointF position) const {
    const Point* point = pointAt(position);
    return point == nullptr ? QString() : toQt(point->row->id);
}

QString ParetoChart::toolTipAt(QPointF position) const {
    const Point* point = pointAt(position);
    if (point == nullptr) return {};
    const history::RunRow& row = *point->row;
    QStringList lines{toQt(row.name)};
    if (row.result.quality.accuracy) lines.append(tr("Accuracy: %1").arg(percentText(*row.result.quality.accuracy, 2)));
    if (row.result.quality.maxAbsError) lines.append(tr("SQNR of the outputs: %1").arg(sqnrText(row.result.quality)));
    if (row.result.latency.p50 > 0) lines.append(tr("Median latency: %1").arg(microsecondsText(row.result.latency.p50 * 1000)));
    if (const QString doubt = doubtText(row); !doubt.isEmpty()) {
        lines.append(doubt);
    } else if (const history::Standing& stands = standing(row); stands.speedup && stands.isSpeedReliable) {
        const QString ratio = ratioText(*stands.speedup);
        lines.append(stands.isMeasuredTogether ? tr("Speed-up: %1×").arg(ratio)
                                               : tr("Speed-up: about %1×, not measured together").arg(ratio));
    }
    if (row.result.fileBytes > 0) lines.append(tr("File: %1").arg(bytesText(row.result.fileBytes)));
    if (row.result.kind == measure::Truth::Simulated) lines.append(tr("Simulated"));
    return lines.join(u'\n');
}

ChartTable ParetoChart::table() const {
    ChartTable table;
    table.header = {QStringLiteral("run"),  QStringLiteral("id"),           chartColumn(figureOf(axis())),
                    chartColumn(quality()), QStringLiteral("pareto_front"), QStringLiteral("baseline"),
                    QStringLiteral("kind"), QStringLiteral("not_reliable")};
    for (const Point& point : m_points) {
        // An infinite ratio is no number: empty.
        table.rows.append({toQt(point.row->name), toQt(point.row->id), point.x, point.isIdentical ? QVariant() : QVariant(point.quality),
                           static_cast<int>(point.isOnFront), static_cast<int>(point.isBaseline),
                           point.row->result.kind == measure::Truth::Real ? QStringLiteral("real") : QStringLiteral("simulated"),
                           static_cast<int>(point.isDoubtful)});
    }
    return table;
}

} // namespace lathe::views
