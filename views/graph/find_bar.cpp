#include <views/graph/find_bar.h>

#include <algorithm>

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSet>
#include <QToolButton>

#include <views/graph/graph_canvas.h>
#include <views/graph/graph_scene.h>
#include <views/graph/node_item.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>
#include <views/widgets/theme.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

FindBar::FindBar(GraphScene* scene, GraphCanvas* canvas, QWidget* parent)
    : QWidget(parent), m_scene(scene), m_canvas(canvas), m_edit(new QLineEdit(this)), m_count(makeLabel(LabelKind::Muted, this)),
      m_previous(new QToolButton(this)), m_next(new QToolButton(this)), m_close(new QToolButton(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 6, 6, 6);
    row->setSpacing(4);
    m_edit->setClearButtonEnabled(true);
    m_edit->setMinimumWidth(190);
    m_edit->installEventFilter(this);
    m_count->setMinimumWidth(52);
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_previous->setIcon(themedIcon(QStringLiteral("up")));
    m_next->setIcon(themedIcon(QStringLiteral("down")));
    m_close->setIcon(themedIcon(QStringLiteral("close")));
    for (QToolButton* button : {m_previous, m_next, m_close})
        button->setAutoRaise(true);
    row->addWidget(m_edit, 1);
    row->addWidget(m_count);
    row->addWidget(m_previous);
    row->addWidget(m_next);
    row->addWidget(m_close);
    connect(m_edit, &QLineEdit::textChanged, this, &FindBar::search);
    connect(m_previous, &QToolButton::clicked, this, &FindBar::previous);
    connect(m_next, &QToolButton::clicked, this, &FindBar::next);
    connect(m_close, &QToolButton::clicked, this, &FindBar::close);
    retranslate();
    hide();
}

void FindBar::open() {
    show();
    raise();
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
    refresh();
}

void FindBar::close() {
    hide();
    for (NodeItem* node : m_scene->nodes())
        node->setMarked(false);
    m_found.clear();
    m_chosen.clear();
    m_index = -1;
    m_canvas->setFocus(Qt::OtherFocusReason);
}

void FindBar::refresh() {
    m_found.clear();
    m_index = -1;
    if (!isVisible()) return;
    findDrawn();
    showCount();
}

void FindBar::findDrawn() {
    m_found.clear();
    for (const NodeItem* node : m_scene->find(m_edit->text()))
        m_found.append(node->id());
    m_all = static_cast<int>(m_found.size());
    mark();
    if (!m_scene->closedModules().isEmpty() && !m_edit->text().trimmed().isEmpty()) Q_EMIT searched(m_edit->text());
}

void FindBar::setFound(const QString& text, const QStringList& ids, int count) {
    if (!isVisible() || text != m_edit->text()) return;
    // One that no name leads to (of a rewrite's own, in a closed module) cannot be gone to.
    m_found.clear();
    for (const QString& id : ids)
        if (m_scene->node(id) != nullptr || m_scene->closedModules().around(toStd(id)) != nullptr) m_found.append(id);
    m_all = count - static_cast<int>(ids.size() - m_found.size());
    mark();
    showCount();
}

void FindBar::mark() {
    QSet<QString> marked(m_found.begin(), m_found.end());
    for (const QString& id : std::as_const(m_found)) {
        if (m_scene->node(id) != nullptr) continue;
        if (const std::string* module = m_scene->closedModules().around(toStd(id))) marked.insert(toQt(*module));
    }
    for (NodeItem* node : m_scene->nodes())
        node->setMarked(marked.contains(node->id()));
    const NodeItem* current = m_scene->current();
    m_index = static_cast<int>(current == nullptr ? -1 : m_found.indexOf(current->id()));
    if (m_index < 0) m_index = static_cast<int>(m_found.indexOf(m_chosen)); // on its way
}

void FindBar::search() {
    m_chosen.clear();
    findDrawn();
    // While typing, the node found stays as long as it fits, and no module opens.
    if (m_index < 0 && !m_found.isEmpty() && m_scene->node(m_found.front()) != nullptr) step(1);
    showCount();
}

void FindBar::next() { step(1); }
void FindBar::previous() { step(-1); }

void FindBar::step(int by) {
    const int count = static_cast<int>(m_found.size());
    if (count == 0) return;
    m_index = m_index < 0 ? (by > 0 ? 0 : count - 1) : (m_index + by + count) % count;
    m_chosen = m_found[m_index];
    if (NodeItem* node = m_scene->node(m_chosen)) {
        m_canvas->choose(node);
    } else {
        Q_EMIT hiddenChosen(m_chosen);
    }
    showCount();
}

QString FindBar::countText() const { return m_count->text(); }

void FindBar::showCount() {
    const bool isSearching = !m_edit->text().trimmed().isEmpty();
    const int count = static_cast<int>(m_found.size());
    if (!isSearching) {
        m_count->clear();
    } else if (count == 0) {
        m_count->setText(tr("no match"));
    } else {
        m_count->setText(tr("%1 of %2", "which one of the nodes found").arg(std::max(m_index, 0) + 1).arg(m_all));
    }
    m_previous->setEnabled(count > 0);
    m_next->setEnabled(count > 0);
    adjustSize();
}

void FindBar::retranslate() {
    m_edit->setPlaceholderText(tr("Name, operator or shape"));
    m_edit->setAccessibleName(tr("Find in the graph"));
    const auto name = [](QToolButton* button, const QString& text) {
        button->setToolTip(text);
        button->setAccessibleName(text);
    };
    name(m_previous, tr("Previous match (Shift+Enter)"));
    name(m_next, tr("Next match (Enter)"));
    name(m_close, tr("Close (Esc)"));
    showCount();
}

void FindBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

bool FindBar::eventFilter(QObject* object, QEvent* event) {
    // Before the window's own Esc (cancel) sees it.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            step(key->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
            return true;
        case Qt::Key_Down:
            next();
            return true;
        case Qt::Key_Up:
            previous();
            return true;
        default:
            break;
        }
    }
    return QWidget::eventFilter(object, event);
}

void FindBar::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.border);
    painter.setBrush(colors.window);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

} // namespace lathe::views
