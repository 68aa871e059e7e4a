#include <views/graph/label_placer.h>

#include <random>

#include <QTest>

using lathe::views::LabelPlacer;

class LabelPlacerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesTheFirstFreeCandidate() {
        LabelPlacer placer;
        placer.take({0, 0, 50, 20});
        const std::vector<QRectF> candidates{{40, 10, 30, 10}, {60, 0, 30, 10}, {200, 0, 30, 10}};
        QCOMPARE(placer.place(candidates), std::optional(candidates[1]));
        QCOMPARE(placer.place(candidates), std::optional(candidates[2]));
        QCOMPARE(placer.place(candidates), std::optional<QRectF>());
    }
    void noCandidates() { QCOMPARE(LabelPlacer().place({}), std::optional<QRectF>()); }
    void answersLikeLookingAtAll() {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> place(-900, 900), side(1, 300);
        LabelPlacer placer;
        std::vector<QRectF> taken;
        for (int count = 0; count < 150; ++count) {
            const QRectF rect(place(random), place(random), side(random) / 6, side(random) / 6);
            placer.take(rect);
            taken.push_back(rect);
        }
        int free = 0;
        for (int count = 0; count < 500; ++count) {
            const QRectF rect(place(random), place(random), side(random), side(random));
            const bool expected = std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(rect); });
            QCOMPARE(placer.isFree(rect), expected);
            free += expected;
        }
        QVERIFY(free > 20 && free < 480);
    }
};

QTEST_GUILESS_MAIN(LabelPlacerTest)
#include "graph_label_placer_test.moc"
