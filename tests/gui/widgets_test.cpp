#include <cmath>
#include <limits>

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/widgets/figure_list.h>
#include <views/widgets/flat_tab_bar.h>
#include <views/widgets/labels.h>
#include <views/widgets/loss_curve.h>
#include <views/widgets/message_bar.h>
#include <views/widgets/ratio_slider.h>
#include <views/widgets/spectrum_widget.h>
#include <views/widgets/theme.h>
#include <views/widgets/themed_icon.h>
#include <views/widgets/toggle_switch.h>

using namespace lathe::views;

namespace {

/// Contrast ratio as in WCAG 2.1.
double contrast(const QColor& a, const QColor& b) {
    const auto luminance = [](const QColor& color) {
        const auto channel = [](double value) { return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4); };
        return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
    };
    const double first = luminance(a), second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace

class WidgetsTest : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { applyTheme(ThemeChoice::Light); }

    void aRankIsChosenWithMouseAndKeys() {
        SpectrumWidget spectrum;
        spectrum.resize(spectrum.sizeHint());
        QSignalSpy shown(&spectrum, &SpectrumWidget::rankShown), chosen(&spectrum, &SpectrumWidget::rankChosen);
        QTest::mouseClick(&spectrum, Qt::LeftButton); // without points nothing happens
        QCOMPARE(chosen.count(), 0);
        spectrum.setContent({{1, 0.5}, {2, 0.8}, {4, 1}}, 2);
        QVERIFY(spectrum.accessibleDescription().contains(QLatin1Char('2')));
        const int right = spectrum.width() - 5, middle = spectrum.height() / 2;
        QTest::mousePress(&spectrum, Qt::LeftButton, {}, {right, middle});
        QCOMPARE(spectrum.rank(), 4);
        QCOMPARE(chosen.count(), 0); // not before the mouse is released
        QTest::mouseMove(&spectrum, {5, middle});
        QTest::mouseRelease(&spectrum, Qt::LeftButton, {}, {5, middle});
        QCOMPARE(chosen.count(), 1);
        spectrum.setContent({{1, 0.5}, {2, 0.8}, {4, 1}}, 2);
        QTest::keyClick(&spectrum, Qt::Key_Right);
        QCOMPARE(spectrum.rank(), 4);
        QTest::keyClick(&spectrum, Qt::Key_Right); // there is none higher
        QCOMPARE(spectrum.rank(), 4);
        QTest::keyClick(&spectrum, Qt::Key_Left);
        QTest::keyClick(&spectrum, Qt::Key_Left);
        QCOMPARE(spectrum.rank(), 1);
        QCOMPARE(chosen.count(), 4);
        QVERIFY(shown.count() >= 4);
        spectrum.grab();
        spectrum.setContent({}, 0);
        spectrum.grab();
    }

    void aLossCurveIsOfOneTraining() {
        LossCurve curve;
        curve.add(0.1, 2, std::nullopt);
        curve.add(0.1, 3, std::nullopt); // no farther: nothing to draw
        curve.add(0.2, std::numeric_limits<double>::quiet_NaN(), std::nullopt);
        curve.add(-1, 2, std::nullopt);
        curve.add(0.3, 1, 1.25);
        curve.add(0.4, 0.5, 1.25);
        QCOMPARE(curve.points(), (std::vector<QPointF>{{0.1, 2}, {0.3, 1}, {0.4, 0.5}}));
        QCOMPARE(curve.validation(), (std::vector<QPointF>{{0.3, 1.25}}));
        QVERIFY(curve.toolTip().contains(QStringLiteral("1.25")));
        curve.grab();                     // paints
        curve.add(0.01, 4, std::nullopt); // another training
        QCOMPARE(curve.points(), (std::vector<QPointF>{{0.01, 4}}));
        QVERIFY(curve.validation().empty());
        curve.clear();
        QVERIFY(curve.points().empty() && curve.toolTip().isEmpty());
    }

    void themesAreReadable_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void themesAreReadable() {
        QFETCH(bool, dark);
        const ThemeColors& colors = dark ? darkColors() : lightColors();
        for (const QColor& text : {colors.text, colors.muted, colors.good, colors.bad})
            QVERIFY(contrast(text, colors.window) >= 4.5);
        QVERIFY(contrast(colors.accentText, colors.accent) >= 4.5);
        QVERIFY(contrast(colors.text, colors.selection) >= 4.5);
    }

    void theThemeIsSwitchedLive() {
        QWidget window;
        window.show();
        applyTheme(ThemeChoice::Dark);
        QVERIFY(isDark(QApplication::palette()));
        QCOMPARE(&themeColors(window.palette()), &darkColors());
        applyTheme(ThemeChoice::Light);
        QCOMPARE(&themeColors(window.palette()), &lightColors());
        QVERIFY(!qApp->styleSheet().contains(u'@')); // every name was replaced
    }

    void iconsTakeTheColourOfTheTheme() {
        const QIcon icon = themedIcon(QStringLiteral("stop"));
        applyTheme(ThemeChoice::Light);
        const QColor light = icon.pixmap(16, 16).toImage().pixelColor(8, 8);
        applyTheme(ThemeChoice::Dark);
        const QColor dark = icon.pixmap(16, 16).toImage().pixelColor(8, 8);
        QCOMPARE(light, lightColors().text);
        QCOMPARE(dark, darkColors().text);
    }

    void namesNeverBecomeHtml() {
        QCOMPARE(makeLabel()->textFormat(), Qt::PlainText);
        ElidedLabel label;
        label.resize(30, 20);
        label.setText(QStringLiteral("<img src=file:///etc/passwd> and more"));
        label.grab();
        QVERIFY2(!label.toolTip().contains(QStringLiteral("<img")), qPrintable(label.toolTip()));
    }

    void aMixedSwitchIsSetOnByTheNextClick() {
        ToggleSwitch button;
        button.setMixed(true);
        QTest::mouseClick(&button, Qt::LeftButton);
        QVERIFY(button.isChecked());
        QTest::keyClick(&button, Qt::Key_Space);
        QVERIFY(!button.isChecked());
    }

    void theSliderKeepsToItsRange() {
        RatioSlider slider;
        slider.setRange(0, 0.99);
        QSignalSpy edited(&slider, &RatioSlider::ratioEdited);
        slider.setRatio(0.5);
        QCOMPARE(edited.size(), 0); // showing is not editing
        QCOMPARE(slider.ratio(), 0.5);
        QTest::keyClick(slider.focusProxy(), Qt::Key_End);
        QCOMPARE(slider.ratio(), 0.99);
        QCOMPARE(edited.last().first().toDouble(), 0.99);
    }

    void tabsDoNotMoveWhenTheCurrentOneChanges() {
        FlatTabBar tabs;
        tabs.addTab(QStringLiteral("Original"));
        tabs.addTab(QStringLiteral("Optimized"));
        const QRect first = tabs.tabRect(0), second = tabs.tabRect(1);
        tabs.setCurrentIndex(1);
        QCOMPARE(tabs.tabRect(0), first);
        QCOMPARE(tabs.tabRect(1), second);
    }

    void theMessageBarActsAndCopies() {
        MessageBar bar;
        bool hasActed = false, wasDismissed = false;
        bar.show({QStringLiteral("It broke."), QStringLiteral("Try again."), QStringLiteral("line 1"), QStringLiteral("Recover"),
                  [&] { hasActed = true; }, [&] { wasDismissed = true; }});
        QVERIFY(bar.isVisible());
        for (QPushButton* button : bar.findChildren<QPushButton*>()) {
            if (button->text() == QLatin1String("Copy")) button->click();
        }
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("It broke.\nTry again.\n\nline 1"));
        bar.actionButton()->click();
        QVERIFY(hasActed && !wasDismissed);
        QVERIFY(!bar.isVisible());
    }

    void figuresComeAndGo() {
        FigureList list;
        list.setFigures(
            {{QStringLiteral("bits"), QStringLiteral("8"), QStringLiteral("real")}, {QStringLiteral("time"), QStringLiteral("3 µs"), {}}});
        QCOMPARE(shownTexts(list), (QStringList{QStringLiteral("bits"), QStringLiteral("8"), QStringLiteral("real"), QStringLiteral("time"),
                                                QStringLiteral("3 µs")}));
        list.setFigures({{QStringLiteral("<b>bits"), QStringLiteral("4"), {}}});
        QCOMPARE(shownTexts(list), (QStringList{QStringLiteral("<b>bits"), QStringLiteral("4")}));
        for (const QLabel* label : list.findChildren<QLabel*>())
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }

    void aLongNameTakesTheRoomOfMarks() {
        const FigureList::Figure name{QStringLiteral("with"), QStringLiteral("features.block.convolution.weight_dequantize"), {}};
        const FigureList::Figure time{QStringLiteral("time"), QStringLiteral("3"), QStringLiteral("not reliable")};
        FigureList alone, both;
        alone.setFigures({name});
        both.setFigures({time, name});
        QCOMPARE(both.minimumSizeHint().width(), alone.minimumSizeHint().width());
        both.setFigures({name, time}); // a row may get a mark, and lose it
        QCOMPARE(both.minimumSizeHint().width(), alone.minimumSizeHint().width());
    }

private:
    static QStringList shownTexts(const QWidget& widget) {
        QStringList texts;
        for (const QLabel* label : widget.findChildren<QLabel*>()) {
            if (!label->isHidden()) texts << label->text();
        }
        return texts;
    }

    test::TestHome m_home;
};

QTEST_MAIN(WidgetsTest)
#include "widgets_test.moc"
