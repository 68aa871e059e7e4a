#include <views/charts/layers_chart.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <QComboBox>
#include <qcustomplot.h>

#include <views/models/number_text.h>
#include <views/models/run_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

struct MetricInfo {
    const char* name;
    const char* axis;
    const char* column;
};

constexpr std::array<MetricInfo, LayersChart::MetricCount> metrics{{
    {QT_TRANSLATE_NOOP("lathe::views::LayersChart", "Time"), QT_TRANSLATE_NOOP("lathe::views::LayersChart", "median time of one call, µs"),
     "time_us"},
    {QT_TRANSLATE_NOOP("lathe::views::LayersChart", "Loss of the weights"),
     QT_TRANSLATE_NOOP("lathe::views::LayersChart", "½‖θ−θ̂‖² of the weights"), "loss"},
    {QT_TRANSLATE_NOOP("lathe::views::LayersChart", "SQNR"),
     QT_TRANSLATE_NOOP("lathe::views::LayersChart", "signal to quantization noise, dB"), "sqnr_db"},
    {QT_TRANSLATE_NOOP("lathe::views::LayersChart", "Parameters"), QT_TRANSLATE_NOOP("lathe::views::LayersChart", "parameters"),
     "parameters"},
    {QT_TRANSLATE_NOOP("lathe::views::LayersChart", "MACs"), QT_TRANSLATE_NOOP("lathe::views::LayersChart", "multiply-accumulates"),
     "macs"},
}};

std::optional<double> valueOf(const measure::LayerResult& layer, LayersChart::Metric metric) {
    switch (metric) {
    case LayersChart::Time:
        return layer.p50Us;
    case LayersChart::Loss:
        return layer.loss;
    case LayersChart::Sqnr:
        return layer.sqnrDb;
    case LayersChart::Parameters:
        return static_cast<double>(layer.parameters);
    case LayersChart::Macs:
        return layer.macs ? std::optional(static_cast<double>(*layer.macs)) : std::nullopt;
    case LayersChart::MetricCount:
        break;
    }
    return std::nullopt;
}

QString valueText(double value, LayersChart::Metric metric) {
    switch (metric) {
    case LayersChart::Time:
        return microsecondsText(value);
    case LayersChart::Sqnr:
        return decibelText(value);
    case LayersChart::Parameters:
        return countText(static_cast<std::int64_t>(value));
    case LayersChart::Macs:
        return macsText(static_cast<std::int64_t>(value));
    default:
        return figureText(value);
    }
}

} // namespace

QString LayersChart::title() const { return tr("One figure of each layer"); }

QStringList LayersChart::choices() const {
    QStringList words;
    for (const MetricInfo& info : metrics)
        words.append(tr(info.name));
    return words;
}

LayersChart::Metric LayersChart::metric() const { return static_cast<Metric>(std::max(0, choice().currentIndex())); }

QString LayersChart::fill() {
    m_bars.clear();
    m_shown.clear();
    if (const QString problem = load(); !problem.isEmpty()) return problem;
    const bool isDoubtful = metric() == Time && !measure::isReliable(run().result.latency);
    for (const measure::LayerResult& layer : run().result.layers) {
        const std::optional<double> value = valueOf(layer, metric());
        if (!value || !std::isfinite(*value)) continue;
        m_bars.push_back({.label = toQt(layer.name), .valueText = valueText(*value, metric()), .value = *value, .low = {}, .high = {}});
        m_shown.push_back(&layer);
    }
    if (m_bars.empty()) return tr("This run has no such figure of its layers.");
    if (const auto rest = measure::restUs(run().result); rest && metric() == Time) {
        // The last bar: what a call takes beyond its operators.
        m_bars.push_back({.label = tr("Rest of the call"), .valueText = microsecondsText(rest), .value = *rest, .low = {}, .high = {}});
        m_shown.push_back(nullptr);
    }
    for (Bar& bar : m_bars) {
        if (!isDoubtful) break;
        bar.emphasis = BarEmphasis::Doubtful;
        bar.valueText.prepend(u'≈');
    }
    QString label = tr("%1 · %2").arg(tr(metrics[metric()].axis), toQt(run().name));
    if (isDoubtful) label += tr(" · hatched: not reliable");
    drawBars(plot(), m_bars, BarForm::Bars, label, rowWindow(m_bars.size()));
    return {};
}

QString LayersChart::toolTipAt(QPointF position) const {
    const int index = barAt(plot(), m_shown.size(), position.y());
    if (index < 0) return {};
    const Bar& bar = m_bars[static_cast<std::size_t>(index)];
    const QString doubt = bar.emphasis == BarEmphasis::Doubtful ? u'\n' % doubtText(run()) : QString();
    if (m_shown[static_cast<std::size_t>(index)] == nullptr) return bar.label % u'\n' % bar.valueText % doubt;
    const measure::LayerResult& layer = *m_shown[static_cast<std::size_t>(index)];
    QStringList lines{toQt(layer.name) % QStringLiteral(" · ") % toQt(layer.op), bar.valueText};
    if (!layer.kernel.empty()) lines.append(tr("Kernel: %1").arg(toQt(layer.kernel)));
    if (layer.kind == measure::Truth::Simulated) lines.append(tr("Simulated"));
    return lines.join(u'\n') % doubt;
}

ChartTable LayersChart::table() const {
    ChartTable table;
    table.header = {QStringLiteral("layer"), QStringLiteral("operator"), QStringLiteral("kernel"),
                    QString::fromLatin1(metrics[metric()].column)};
    for (std::size_t index = 0; index < m_bars.size(); ++index) {
        if (m_shown[index] == nullptr) {
            table.rows.append({m_bars[index].label, QString(), QString(), m_bars[index].value});
            continue;
        }
        const measure::LayerResult& layer = *m_shown[index];
        table.rows.append({toQt(layer.name), toQt(layer.op), toQt(layer.kernel), m_bars[index].value});
    }
    return table;
}

} // namespace lathe::views
