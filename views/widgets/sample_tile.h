#pragma once

#include <QString>
#include <QWidget>

#include <core/client/protocol.h>

namespace lathe::views {

/// One sample as the model sees it: an image (gray or red, green, blue), a curve for sound and other rows, and what it is below.
class SampleTile : public QWidget {
    Q_OBJECT

public:
    enum class Kind { Image, Curve };

    explicit SampleTile(QWidget* parent = nullptr);
    /// `caption`: the class, shown as it is. An empty view clears the tile.
    void setSample(const client::SampleView& view, const QString& caption);
    [[nodiscard]] Kind kind() const;
    [[nodiscard]] QString caption() const { return m_caption; }
    /// Of a sample with rows; null for curves.
    [[nodiscard]] QImage image() const;
    [[nodiscard]] QSize sizeHint() const override { return {132, 152}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    client::SampleView m_view;
    QString m_caption;
};

} // namespace lathe::views
