#include <views/charts/distribution.h>

#include <cmath>
#include <numeric>
#include <random>

#include <QTest>

using namespace lathe::views;

class DistributionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theShareAtEachSampleIsWhatCountingGives() {
        std::mt19937 random(5);
        std::uniform_int_distribution<int> value(0, 30);
        std::vector<double> samples;
        for (int count = 0; count < 200; ++count)
            samples.push_back(value(random));
        const std::vector<QPointF> points = empiricalDistribution(samples);
        for (const QPointF& point : points) {
            const auto below = std::count_if(samples.begin(), samples.end(), [&](double sample) { return sample <= point.x(); });
            QCOMPARE(point.y(), static_cast<double>(below) / 200);
        }
        QVERIFY(std::is_sorted(points.begin(), points.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); }));
        QCOMPARE(points.back().y(), 1.0);
    }
    void noSamples() {
        QVERIFY(empiricalDistribution({}).empty());
        QVERIFY(std::isnan(quantile({}, 0.5)));
        QCOMPARE(histogramShares({}, 0, 1, 4), std::vector<double>(4, 0.0));
    }
    void notANumberIsNoSample() {
        const std::vector<double> samples{std::nan(""), 2, 1};
        QCOMPARE(empiricalDistribution(samples).size(), std::size_t{2});
        QCOMPARE(quantile(samples, 0.5), 1.5);
    }
    void histogramCountsEachSampleOnce() {
        const std::vector<double> samples{0, 0.5, 1, 1, 3.999, 4, 9, -1};
        const std::vector<double> shares = histogramShares(samples, 0, 4, 4);
        QCOMPARE(shares, (std::vector<double>{2.0 / 8, 2.0 / 8, 0, 2.0 / 8}));
        QCOMPARE(histogramShares(samples, 3, 3, 2), (std::vector<double>{0, 0}));
    }
    void quantilesAreLinearBetweenSamples() {
        // As numpy.quantile([4, 1, 3, 2], …) gives them.
        const std::vector<double> samples{4, 1, 3, 2};
        QCOMPARE(quantile(samples, 0), 1.0);
        QCOMPARE(quantile(samples, 0.5), 2.5);
        QCOMPARE(quantile(samples, 0.99), 3.97);
        QCOMPARE(quantile(samples, 1), 4.0);
        QCOMPARE(quantile(std::vector<double>{7}, 0.3), 7.0);
    }
};

QTEST_GUILESS_MAIN(DistributionTest)
#include "charts_distribution_test.moc"
