#include <views/widgets/figure_list.h>

#include <views/widgets/labels.h>

namespace lathe::views {

FigureList::FigureList(QWidget* parent) : QWidget(parent), m_grid(new QGridLayout(this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnMinimumWidth(0, 92);
    m_grid->setColumnStretch(1, 1);
}

void FigureList::setFigures(const std::vector<Figure>& figures) {
    while (m_rows.size() < figures.size()) {
        const int row = static_cast<int>(m_rows.size());
        const Row labels{makeLabel(LabelKind::Muted, this), makeLabel(LabelKind::Strong, this), makeLabel(LabelKind::Chip, this)};
        labels.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        labels.value->setWordWrap(true); // names of kernels are longer than the panel is wide
        m_grid->addWidget(labels.name, row, 0);
        m_rows.push_back(labels);
    }
    for (std::size_t index = 0; index < m_rows.size(); ++index) {
        const bool isUsed = index < figures.size();
        const Row& row = m_rows[index];
        row.name->setVisible(isUsed);
        row.value->setVisible(isUsed);
        row.mark->setVisible(isUsed && !figures[index].mark.isEmpty());
        if (!isUsed) continue;
        // Where there is no mark its column is the value's: a long name is not to make the list wider than the panel.
        const int columns = figures[index].mark.isEmpty() ? 2 : 1;
        const int place = static_cast<int>(index);
        m_grid->addWidget(row.value, place, 1, 1, columns);
        if (columns == 1) m_grid->addWidget(row.mark, place, 2, Qt::AlignLeft);
        row.name->setText(figures[index].name);
        row.value->setText(figures[index].value);
        row.value->setAccessibleName(figures[index].name);
        row.mark->setText(figures[index].mark);
    }
}

} // namespace lathe::views
