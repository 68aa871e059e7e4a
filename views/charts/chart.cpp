#include <views/charts/chart.h>

#include <algorithm>

#include <QComboBox>
#include <QEvent>
#include <QHelpEvent>
#include <QLabel>
#include <QScrollBar>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <views/charts/chart_style.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

Chart::Chart(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot(this)), m_scroll(new QScrollBar(Qt::Vertical, this)), m_choice(new QComboBox(this)),
      m_empty(makeWrappedLabel(LabelKind::Muted, this)) {
    auto* top = new QHBoxLayout;
    top->setContentsMargins(10, 6, 10, 0);
    top->addWidget(m_choice);
    top->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_plot, 1);
    middle->addWidget(m_scroll);
    column->addLayout(middle, 1);
    column->addWidget(m_empty, 1);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMargin(16);
    m_empty->hide();
    m_choice->hide();
    m_scroll->hide();
    m_scroll->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMinimumHeight(80);
    m_plot->setAutoAddPlottableToLegend(false);
    // The legend stands above the axes: inside it would cover data.
    auto* legendRow = new QCPLayoutGrid;
    m_plot->plotLayout()->insertRow(0);
    m_plot->plotLayout()->addElement(0, 0, legendRow);
    legendRow->addElement(0, 0, m_plot->legend);
    legendRow->addElement(0, 1, new QCPLayoutElement);
    legendRow->setColumnStretchFactors({0.001, 1});
    legendRow->setMargins(QMargins(8, 4, 0, 0));
    m_plot->legend->setFillOrder(QCPLegend::foColumnsFirst);
    m_plot->legend->setMargins(QMargins(4, 0, 4, 0));
    m_plot->legend->setColumnSpacing(14);
    m_plot->legend->setIconSize(20, 12);
    m_plot->plotLayout()->setRowStretchFactor(0, 0.001);
    m_plot->plotLayout()->setRowSpacing(0);
    m_plot->installEventFilter(this);
    connect(m_choice, &QComboBox::currentIndexChanged, this, &Chart::rebuild);
    connect(m_scroll, &QScrollBar::valueChanged, this, &Chart::rebuild);
    connect(m_plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        const QString id = runAt(event->position());
        if (event->button() == Qt::LeftButton && !id.isEmpty()) Q_EMIT runSelected(id);
    });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this](QMouseEvent* event) {
        const QString id = runAt(event->position());
        if (!id.isEmpty()) Q_EMIT runActivated(id);
    });
    // What a series is called can be clicked to hide it.
    connect(m_plot, &QCustomPlot::legendClick, this, [this](QCPLegend*, QCPAbstractLegendItem* item) {
        auto* entry = qobject_cast<QCPPlottableLegendItem*>(item);
        if (entry == nullptr) return;
        QCPAbstractPlottable* series = entry->plottable();
        series->setVisible(!series->visible());
        QColor text = m_plot->legend->textColor();
        text.setAlphaF(series->visible() ? 1.0F : 0.4F);
        entry->setTextColor(text);
        m_plot->replot();
    });
}

void Chart::setRuns(const std::vector<history::RunRow>& rows) {
    m_rows = rows;
    m_standings = history::standingsOf(m_rows);
    rebuild();
}

void Chart::setSelectedRun(const QString& id) {
    if (m_selected == id) return;
    m_selected = id;
    rebuild();
}

QString Chart::emptyText() const { return m_empty->isHidden() ? QString() : m_empty->text(); }

QString Chart::runAt(QPointF) const { return {}; }
QString Chart::toolTipAt(QPointF) const { return {}; }

const history::RunRow* Chart::row(const QString& id) const {
    const std::string wanted = toStd(id);
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const history::RunRow& row) { return row.id == wanted; });
    return found == m_rows.end() ? nullptr : &*found;
}

RowWindow Chart::rowWindow(std::size_t count) {
    m_rowCount = count;
    const std::size_t room = m_areAllRowsWanted ? count : std::min(count, rowsThatFit(*m_plot, m_plot->height()));
    if (m_areAllRowsWanted) return {0, count};
    const QSignalBlocker blocker(m_scroll);
    m_scroll->setRange(0, static_cast<int>(count - room));
    m_scroll->setPageStep(static_cast<int>(room));
    return {static_cast<std::size_t>(m_scroll->value()), room};
}

base::Result<> Chart::exportTo(ChartFormat format, const QString& file) {
    // A picture of pixels has its limits; what is longer is shown as on the screen.
    constexpr int tallestPicture = 15'000;
    const int wanted = m_rowCount > 0 ? std::max(m_plot->height(), heightOfRows(*m_plot, m_rowCount)) : m_plot->height();
    const bool isWhole = wanted > m_plot->height() && (format == ChartFormat::Svg || wanted <= tallestPicture);
    if (isWhole) {
        m_areAllRowsWanted = true;
        rebuild();
    }
    base::Result<> written = exportChart(*m_plot, {m_plot->width(), isWhole ? wanted : m_plot->height()}, table(), format, file);
    if (std::exchange(m_areAllRowsWanted, false)) rebuild();
    return written;
}

void Chart::rebuildSoon() {
    if (std::exchange(m_isRebuildPending, true)) return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_isRebuildPending = false;
            rebuild();
        },
        Qt::QueuedConnection);
}

const history::Standing& Chart::standing(const history::RunRow& row) const {
    return m_standings.standing[static_cast<std::size_t>(&row - m_rows.data())];
}

void Chart::rebuild() {
    if (!isVisible()) {
        m_isStale = true;
        return;
    }
    m_isStale = false;
    m_rowCount = 0;
    m_plot->clearPlottables();
    m_plot->clearItems();
    m_plot->legend->clearItems();
    m_plot->legend->setVisible(false);
    applyChartStyle(*m_plot);
    const QString empty = fill();
    m_plot->setVisible(empty.isEmpty());
    m_empty->setVisible(!empty.isEmpty());
    m_empty->setText(empty);
    m_scroll->setVisible(empty.isEmpty() && m_rowCount > 0 && m_scroll->maximum() > 0);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void Chart::retranslate() {
    const QStringList words = choices();
    {
        const QSignalBlocker blocker(m_choice);
        const int current = std::max(0, m_choice->currentIndex());
        m_choice->clear();
        m_choice->addItems(words);
        m_choice->setCurrentIndex(current);
    }
    m_choice->setVisible(!words.isEmpty());
    m_choice->setAccessibleName(tr("What is shown"));
    m_scroll->setAccessibleName(tr("Rows of the chart"));
    m_plot->setAccessibleName(title());
    rebuild();
}

void Chart::changeEvent(QEvent* event) {
    switch (event->type()) {
    case QEvent::LanguageChange:
        retranslate();
        break;
    case QEvent::PaletteChange:
    case QEvent::FontChange:
    case QEvent::StyleChange:
        rebuildSoon(); // the plot inside takes over palette and font only after this
        break;
    default:
        break;
    }
    QWidget::changeEvent(event);
}

void Chart::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    // Subclasses have their words only after construction.
    if (m_choice->count() == 0) retranslate();
    if (m_isStale) rebuild();
}

bool Chart::eventFilter(QObject* object, QEvent* event) {
    switch (event->type()) {
    case QEvent::PaletteChange:
    case QEvent::FontChange:
        rebuildSoon();
        break;
    case QEvent::Resize:
        if (m_rowCount > 0) rebuildSoon();
        break;
    case QEvent::Wheel:
        if (m_scroll->isVisible()) {
            QCoreApplication::sendEvent(m_scroll, event);
            return true;
        }
        break;
    default:
        break;
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = toolTipAt(help->pos());
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), QStringLiteral("<qt><p style='white-space:pre'>%1</p></qt>").arg(text.toHtmlEscaped()),
                               m_plot);
        }
        return true;
    }
    return QWidget::eventFilter(object, event);
}

} // namespace lathe::views
