#include <views/widgets/scope_box.h>

#include <QAbstractItemView>
#include <QEvent>
#include <QSignalBlocker>
#include <QStyleOptionComboBox>
#include <QStylePainter>

#include <views/models/text.h>

namespace lathe::views {

ScopeBox::ScopeBox(RunScopes& scopes, int characters, QWidget* parent) : QComboBox(parent), m_scopes(scopes) {
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(characters);
    // The list may be wider than the box.
    view()->setTextElideMode(Qt::ElideNone);
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

void ScopeBox::showPopup() {
    view()->setMinimumWidth(view()->sizeHintForColumn(0) + 24);
    QComboBox::showPopup();
}

void ScopeBox::paintEvent(QPaintEvent*) {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const QRect field = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
    option.currentText = fontMetrics().elidedText(option.currentText, Qt::ElideMiddle, field.width() - 4);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

void ScopeBox::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) fill();
    QComboBox::changeEvent(event);
}

} // namespace lathe::views
