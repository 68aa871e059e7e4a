#include <views/widgets/scope_box.h>

#include <QEvent>
#include <QSignalBlocker>

#include <views/models/text.h>

namespace lathe::views {

ScopeBox::ScopeBox(RunScopes& scopes, QWidget* parent) : QComboBox(parent), m_scopes(scopes) {
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(14);
    connect(this, &QComboBox::activated, &scopes, &RunScopes::choose);
    connect(&scopes, &RunScopes::changed, this, &ScopeBox::fill);
    fill();
}

void ScopeBox::fill() {
    const QSignalBlocker blocker(this);
    clear();
    for (const RunScopes::Entry& entry : m_scopes.entries()) {
        addItem(entry.title);
        setItemData(count() - 1, plainToolTip(entry.toolTip), Qt::ToolTipRole);
    }
    setCurrentIndex(m_scopes.current());
    setVisible(m_scopes.hasChoice());
    const QString what = tr("Runs that are compared: of one model, with the same data, on the same device");
    setToolTip(plainToolTip(count() > 0 ? what % u'\n' % currentText() : what));
    setAccessibleName(tr("Scope of comparison"));
}

void ScopeBox::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) fill();
    QComboBox::changeEvent(event);
}

} // namespace lathe::views
