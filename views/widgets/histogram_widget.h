#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QWidget>

namespace lathe::views {

/// Bars of a distribution with the two ends of its axis, two marks where values are cut off, and marks of single numbers.
class HistogramWidget : public QWidget {
    Q_OBJECT

public:
    struct Content {
        double from = 0, to = 0;
        std::vector<std::int64_t> counts;
        std::optional<std::pair<double, double>> limits;
        std::vector<double> marks{}; ///< numbers that are marked below the bars
        QString message{};           ///< in place of bars: why there are none
    };

    explicit HistogramWidget(QWidget* parent = nullptr);
    void setContent(Content content);
    void clear() { setContent({}); }
    [[nodiscard]] const Content& content() const { return m_content; }
    [[nodiscard]] QSize sizeHint() const override { return {240, 110}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 80}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Content m_content;
};

} // namespace lathe::views
