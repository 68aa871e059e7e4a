#pragma once

#include <QTabBar>

namespace lathe::views {

/// Tabs as words, the current one strong with a line in the accent colour below.
class FlatTabBar : public QTabBar {
    Q_OBJECT

public:
    explicit FlatTabBar(QWidget* parent = nullptr);

protected:
    [[nodiscard]] QSize tabSizeHint(int index) const override;
    [[nodiscard]] QSize minimumTabSizeHint(int index) const override { return tabSizeHint(index); }
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QFont strongFont() const;
};

} // namespace lathe::views
