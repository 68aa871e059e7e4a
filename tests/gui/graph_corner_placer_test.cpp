#include <views/graph/corner_placer.h>

#include <vector>

#include <QTest>

using namespace lathe::views;

class GraphCornerPlacerTest : public QObject {
    Q_OBJECT

private:
    static constexpr QSize room{400, 300}, size{100, 80};
    static CornerPlace place(const std::vector<QRectF>& below, const std::vector<QRect>& taken = {},
                             Corner preferred = Corner::BottomRight) {
        return placeInCorner(room, size, 10, preferred, below, taken);
    }

private Q_SLOTS:
    void thePreferredCornerWhenItIsFree() {
        QCOMPARE(place({}).rect, QRect(290, 210, 100, 80));
        QCOMPARE(place({}, {}, Corner::BottomLeft).rect, QRect(10, 210, 100, 80));
        QCOMPARE(place({QRectF(0, 0, 280, 300)}).rect, QRect(290, 210, 100, 80));
        QVERIFY(place({}).isFree());
    }
    void anotherWhenSomethingLiesThere() {
        QCOMPARE(place({QRectF(300, 250, 10, 10)}).rect, QRect(10, 210, 100, 80));
        QCOMPARE(place({QRectF(0, 200, 400, 100)}).rect, QRect(290, 10, 100, 80));
    }
    void theLeastCoveredWhenNoneIsFree() {
        const CornerPlace least = place({QRectF(0, 100, 400, 200), QRectF(0, 0, 200, 100), QRectF(380, 0, 20, 100)});
        QCOMPARE(least.rect, QRect(290, 10, 100, 80));
        QCOMPARE(least.covered, 10.0 * 80);
        QVERIFY(!least.isFree());
    }
    void overlaysDoNotMeet() {
        QCOMPARE(place({QRectF(300, 250, 10, 10)}, {QRect(10, 210, 100, 80)}).rect, QRect(290, 10, 100, 80));
        // Rather over a node than over the other overlay.
        QCOMPARE(place({QRectF(0, 0, 400, 300)}, {QRect(290, 210, 100, 80)}).rect, QRect(10, 210, 100, 80));
    }
};

QTEST_MAIN(GraphCornerPlacerTest)
#include "graph_corner_placer_test.moc"
