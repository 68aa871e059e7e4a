#include <views/panels/step_delegate.h>

#include <QAbstractItemView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <views/models/recipe_model.h>
#include <views/widgets/theme.h>
#include <views/widgets/toggle_switch.h>

namespace lathe::views {

namespace {

constexpr int margin = 12;
constexpr int numberWidth = 22;
constexpr int gap = 10;
constexpr int verticalMargin = 8;

QRect textRect(const QRect& card) {
    const int left = card.left() + margin + numberWidth + gap;
    return {left, card.top() + verticalMargin, StepDelegate::switchRect(card).left() - gap - left, card.height() - 2 * verticalMargin};
}

QFont titleFont(const QStyleOptionViewItem& option) {
    QFont font = option.font;
    font.setBold(true);
    return font;
}

/// What stands below the title: why the step fails, what it does not do, or its settings.
QString summaryOf(const QModelIndex& index) {
    for (const int role : {RecipeModel::ProblemRole, RecipeModel::WarningRole}) {
        if (const QString sentence = index.data(role).toString(); !sentence.isEmpty()) return sentence;
    }
    return index.data(RecipeModel::SummaryRole).toString();
}

} // namespace

QRect StepDelegate::switchRect(const QRect& card) {
    const QSize size = ToggleSwitch::naturalSize();
    return {card.right() - margin - size.width() + 1, card.center().y() - size.height() / 2, size.width(), size.height()};
}

QSize StepDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
    const int width = view ? view->viewport()->width() : 240;
    const QRect text = textRect(QRect(0, 0, width, 1000));
    const int summaryHeight =
        QFontMetrics(option.font).boundingRect(QRect(0, 0, std::max(text.width(), 40), 1000), Qt::TextWordWrap, summaryOf(index)).height();
    return {width, QFontMetrics(titleFont(option)).height() + 2 + summaryHeight + 2 * verticalMargin + 1};
}

void StepDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const ThemeColors& colors = themeColors(option.palette);
    const bool isSelected = option.state & QStyle::State_Selected;
    const bool isEnabled = index.data(RecipeModel::EnabledRole).toBool();
    const bool hasProblem = !index.data(RecipeModel::ProblemRole).toString().isEmpty();
    const bool hasWarning = !hasProblem && !index.data(RecipeModel::WarningRole).toString().isEmpty();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(option.rect, isSelected ? colors.selection : option.state & QStyle::State_MouseOver ? colors.hover : colors.window);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), colors.border);
    if (isSelected && option.state & QStyle::State_HasFocus) {
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1), colors.accent);
    }

    const QRect text = textRect(option.rect);
    const QRect number(option.rect.left() + margin, option.rect.center().y() - numberWidth / 2, numberWidth, numberWidth);
    painter->setPen(Qt::NoPen);
    painter->setBrush(hasWarning ? colors.warningFill : isSelected ? colors.window : colors.chip);
    painter->drawEllipse(number);
    painter->setPen(hasProblem ? colors.bad : isEnabled ? colors.text : colors.muted);
    painter->setFont(option.font);
    painter->drawText(number, Qt::AlignCenter, hasProblem || hasWarning ? QStringLiteral("!") : QString::number(index.row() + 1));

    painter->setPen(isEnabled ? colors.text : colors.muted);
    const QFont strong = titleFont(option);
    painter->setFont(strong);
    const int titleHeight = QFontMetrics(strong).height();
    painter->drawText(QRect(text.left(), text.top(), text.width(), titleHeight), Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(strong).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    painter->setFont(option.font);
    painter->setPen(hasProblem ? colors.bad : isEnabled ? colors.muted : colors.disabled);
    painter->drawText(text.adjusted(0, titleHeight + 2, 0, verticalMargin), Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop,
                      summaryOf(index));

    ToggleSwitch::draw(*painter, switchRect(option.rect), isEnabled, true, option.palette);
    painter->restore();
}

bool StepDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) {
    bool isToggle = false;
    const bool isMouse = event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonRelease ||
                         event->type() == QEvent::MouseButtonDblClick;
    if (isMouse) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const bool isOnSwitch = switchRect(option.rect).adjusted(-6, -6, 6, 6).contains(mouse->position().toPoint());
        if (!isOnSwitch || mouse->button() != Qt::LeftButton) return false;
        isToggle = event->type() == QEvent::MouseButtonRelease;
        if (!isToggle) return true;
    } else if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        isToggle = key == Qt::Key_Space || key == Qt::Key_Select;
    }
    if (!isToggle) return false;
    const bool isEnabled = index.data(RecipeModel::EnabledRole).toBool();
    return model->setData(index, static_cast<int>(isEnabled ? Qt::Unchecked : Qt::Checked), Qt::CheckStateRole);
}

} // namespace lathe::views
