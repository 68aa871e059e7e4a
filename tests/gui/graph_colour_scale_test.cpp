#include <views/graph/colour_scale.h>

#include <cmath>
#include <limits>

#include <QTest>

using lathe::views::ColourScale;
using lathe::views::viridis;

class ColourScaleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasThePublishedEndsAndMiddle() {
        QCOMPARE(viridis(0), QColor(0x44, 0x01, 0x54));
        QCOMPARE(viridis(0.5), QColor(0x21, 0x91, 0x8c));
        QCOMPARE(viridis(1), QColor(0xfd, 0xe7, 0x25));
    }
    void outsideIsTheNearerEnd() {
        QCOMPARE(viridis(-3), viridis(0));
        QCOMPARE(viridis(std::numeric_limits<double>::infinity()), viridis(1));
    }
    void notANumberHasNoColour() { QVERIFY(!viridis(std::nan("")).isValid()); }
    void growsLighterAllTheWay() {
        // What makes it readable in grey: luminance never falls.
        double last = -1;
        for (int step = 0; step <= 100; ++step) {
            const QColor colour = viridis(step / 100.0);
            const double luminance = 0.2126 * colour.redF() + 0.7152 * colour.greenF() + 0.0722 * colour.blueF();
            QVERIFY2(luminance >= last - 0.002, qPrintable(QString::number(step)));
            last = luminance;
        }
    }
    void valuesAreSpreadBetweenLeastAndGreatest() {
        const ColourScale scale{2, 10};
        QCOMPARE(scale.position(2), 0.0);
        QCOMPARE(scale.position(6), 0.5);
        QCOMPARE(scale.position(10), 1.0);
    }
    void equalValuesAreAtTheLowerEnd() { QCOMPARE((ColourScale{5, 5}.position(5)), 0.0); }
};

QTEST_GUILESS_MAIN(ColourScaleTest)
#include "graph_colour_scale_test.moc"
