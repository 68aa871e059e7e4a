#include <views/charts/pareto_front.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <QTest>

using lathe::views::paretoFront;
using lathe::views::ParetoPoint;

namespace {

bool beats(const ParetoPoint& a, const ParetoPoint& b) {
    return a.cost <= b.cost && a.value >= b.value && (a.cost < b.cost || a.value > b.value);
}

/// The definition, point by point.
std::vector<std::size_t> slowFront(const std::vector<ParetoPoint>& points) {
    std::vector<std::size_t> front;
    for (std::size_t index = 0; index < points.size(); ++index) {
        if (!std::isfinite(points[index].cost) || !std::isfinite(points[index].value)) continue;
        bool isBeaten = false;
        for (const ParetoPoint& other : points) {
            isBeaten = isBeaten || (std::isfinite(other.cost) && std::isfinite(other.value) && beats(other, points[index]));
        }
        if (!isBeaten) front.push_back(index);
    }
    return front;
}

} // namespace

class ParetoFrontTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isWhatTheDefinitionSays_data() {
        QTest::addColumn<QVector<QPointF>>("points");
        const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
        QTest::newRow("none") << QVector<QPointF>{};
        QTest::newRow("one") << QVector<QPointF>{{1, 2}};
        QTest::newRow("equal") << QVector<QPointF>{{1, 2}, {1, 2}, {1, 2}};
        QTest::newRow("same cost") << QVector<QPointF>{{1, 2}, {1, 3}, {1, 1}};
        QTest::newRow("same value") << QVector<QPointF>{{3, 2}, {1, 2}, {2, 2}};
        QTest::newRow("one beats all") << QVector<QPointF>{{5, 5}, {1, 9}, {4, 8}};
        QTest::newRow("all on it") << QVector<QPointF>{{3, 3}, {1, 1}, {2, 2}};
        QTest::newRow("not finite") << QVector<QPointF>{{nan, 9}, {0, nan}, {-infinity, 1}, {2, infinity}, {3, 3}};
        std::mt19937 random(3);
        std::uniform_int_distribution<int> coarse(0, 12); // many equal ones
        for (int round = 0; round < 30; ++round) {
            QVector<QPointF> points;
            for (int count = 0; count < 40; ++count)
                points.append(QPointF(coarse(random), coarse(random)));
            QTest::addRow("random %d", round) << points;
        }
    }
    void isWhatTheDefinitionSays() {
        QFETCH(QVector<QPointF>, points);
        std::vector<ParetoPoint> choices;
        for (const QPointF& point : points)
            choices.push_back({point.x(), point.y()});
        std::vector<std::size_t> front = paretoFront(choices);
        QVERIFY(
            std::is_sorted(front.begin(), front.end(), [&](std::size_t a, std::size_t b) { return choices[a].cost < choices[b].cost; }));
        std::sort(front.begin(), front.end());
        QCOMPARE(front, slowFront(choices));
    }
};

QTEST_GUILESS_MAIN(ParetoFrontTest)
#include "charts_pareto_front_test.moc"
