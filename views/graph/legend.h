#pragma once

#include <QWidget>

#include <views/graph/colour_scale.h>

namespace lathe::views {

/// What the colours of the nodes mean: title, scale, least and greatest value.
class Legend : public QWidget {
    Q_OBJECT

public:
    explicit Legend(QWidget* parent = nullptr);

    void setScale(const QString& title, const ColourScale& scale, const QString& minimumText, const QString& maximumText);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_title, m_minimumText, m_maximumText;
    ColourScale m_scale;
};

} // namespace lathe::views
