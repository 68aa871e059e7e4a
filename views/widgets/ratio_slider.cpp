#include <views/widgets/ratio_slider.h>

#include <cmath>

#include <QHBoxLayout>
#include <QSignalBlocker>

namespace lathe::views {

RatioSlider::RatioSlider(QWidget* parent)
    : QWidget(parent), m_slider(new QSlider(Qt::Horizontal, this)), m_field(new QDoubleSpinBox(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(m_slider, 1);
    row->addWidget(m_field);
    m_slider->setRange(0, 100);
    m_slider->setPageStep(10);
    m_field->setRange(0, 100);
    m_field->setDecimals(0);
    m_field->setSuffix(QStringLiteral(" %"));
    m_field->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_field->setAlignment(Qt::AlignRight);
    m_field->setKeyboardTracking(false);
    m_field->setFixedWidth(m_field->fontMetrics().horizontalAdvance(QStringLiteral("100 %")) + 24);
    setFocusProxy(m_slider);

    connect(m_slider, &QSlider::sliderPressed, this, &RatioSlider::dragBegan);
    connect(m_slider, &QSlider::sliderReleased, this, &RatioSlider::dragEnded);
    connect(m_slider, &QSlider::valueChanged, this, [this](int percent) {
        const QSignalBlocker blocker(m_field);
        m_field->setValue(percent);
        emit ratioEdited(percent / 100.0);
    });
    connect(m_field, &QDoubleSpinBox::valueChanged, this, [this](double percent) {
        const QSignalBlocker blocker(m_slider);
        m_slider->setValue(static_cast<int>(std::lround(percent)));
        emit ratioEdited(percent / 100);
    });
}

void RatioSlider::setRange(double minimum, double maximum) {
    const QSignalBlocker sliderBlocker(m_slider), fieldBlocker(m_field);
    m_slider->setRange(static_cast<int>(std::ceil(minimum * 100)), static_cast<int>(std::floor(maximum * 100 + 1e-9)));
    m_field->setRange(m_slider->minimum(), m_slider->maximum());
}

void RatioSlider::setRatio(double ratio) {
    const QSignalBlocker sliderBlocker(m_slider), fieldBlocker(m_field);
    m_slider->setValue(static_cast<int>(std::lround(ratio * 100)));
    m_field->setValue(ratio * 100);
}

double RatioSlider::ratio() const { return m_field->value() / 100; }

void RatioSlider::setName(const QString& accessibleName) {
    m_slider->setAccessibleName(accessibleName);
    m_field->setAccessibleName(accessibleName);
}

} // namespace lathe::views
