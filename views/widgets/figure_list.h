#pragma once

#include <vector>

#include <QGridLayout>
#include <QLabel>
#include <QWidget>

namespace lathe::views {

/// Figures of one thing: name at the left, value at the right of it. Values may be selected and copied.
class FigureList : public QWidget {
    Q_OBJECT

public:
    struct Figure {
        QString name, value;
        QString mark; ///< shown as a chip behind the value: "real"
    };

    explicit FigureList(QWidget* parent = nullptr);
    void setFigures(const std::vector<Figure>& figures);

private:
    struct Row {
        QLabel *name, *value, *mark;
    };
    QGridLayout* m_grid;
    std::vector<Row> m_rows;
};

} // namespace lathe::views
