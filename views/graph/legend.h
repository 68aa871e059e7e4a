#pragma once

#include <optional>

#include <QWidget>

#include <views/graph/colour_scale.h>

namespace lathe::views {

/// What the colours of the nodes mean: title, scale, least and greatest value.
class Legend : public QWidget {
    Q_OBJECT

public:
    explicit Legend(QWidget* parent = nullptr);

    /// Without a scale the values are told but not coloured.
    void setScale(const QString& title, std::optional<ColourScale> scale, const QString& minimumText, const QString& maximumText);
    [[nodiscard]] const QString& title() const { return m_title; }
    [[nodiscard]] bool hasScale() const { return m_scale.has_value(); }
    /// Where it cannot but cover nodes, they can be seen through it.
    void setTranslucent(bool translucent);
    [[nodiscard]] bool isTranslucent() const { return m_isTranslucent; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_title, m_minimumText, m_maximumText;
    std::optional<ColourScale> m_scale;
    bool m_isTranslucent = false;
};

} // namespace lathe::views
