#pragma once

#include <QBoxLayout>
#include <QWidget>

namespace lathe::views {

/// The strip on top of a panel: title or tabs at the left, controls at the right, a line below.
class PanelHeader : public QWidget {
    Q_OBJECT

public:
    explicit PanelHeader(QWidget* parent = nullptr);
    [[nodiscard]] QHBoxLayout* row() const { return m_row; }
    static constexpr int height = 38;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QHBoxLayout* m_row;
};

} // namespace lathe::views
