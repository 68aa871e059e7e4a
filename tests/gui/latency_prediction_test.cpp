#include <views/models/latency_prediction.h>

#include <QTest>

using namespace lathe;
using namespace lathe::views;

namespace {

measure::LayerResult row(const char* name, double p50Us, std::int64_t macs, std::int64_t parameters) {
    measure::LayerResult row;
    row.name = name;
    row.p50Us = p50Us;
    row.macs = macs;
    row.parameters = parameters;
    return row;
}

client::LayerInfo layer(const char* name, std::int64_t macs, int bits = 32) {
    client::LayerInfo layer;
    layer.name = name;
    layer.macs = macs;
    layer.bits = bits;
    return layer;
}

/// A call of 50 µs, of which 8 are no operator's. "c" runs within "b".
measure::RunDocument run() {
    measure::RunDocument run;
    run.optimized.latency.p50 = 0.05;
    run.optimized.layers = {row("a", 10, 100, 50), row("pool", 2, 0, 0), row("b", 30, 200, 60)};
    run.optimized.layers[2].covers = {"c"};
    run.baseline = run.optimized;
    run.baseline.latency.p50 = 0.1;
    for (measure::LayerResult& each : run.baseline.layers)
        *each.p50Us *= 2;
    return run;
}

} // namespace

class LatencyPredictionTest : public QObject {
    Q_OBJECT

private slots:
    void aLayerTakesItsShareAndTheRestStays() {
        QCOMPARE(predictedCallUs({layer("a", 100), layer("b", 200), layer("c", 1)}, run()), std::optional(50.0));
        QCOMPARE(predictedCallUs({layer("a", 50), layer("b", 200), layer("c", 1)}, run()), std::optional(45.0));
        QCOMPARE(predictedCallUs({layer("a", 50), layer("b", 20), layer("c", 1)}, run()), std::optional(18.0));
    }
    void aLayerThatHasGoneTakesNothing() { QCOMPARE(predictedCallUs({layer("a", 100)}, run()), std::optional(20.0)); }
    void otherBitsAreOfTheOtherSide() {
        measure::RunDocument now = run();
        for (measure::LayerResult& each : now.optimized.layers)
            each.bits = 8;
        QCOMPARE(predictedCallUs({layer("a", 100), layer("b", 200)}, now), std::optional(100.0));
        QCOMPARE(predictedCallUs({layer("a", 100, 8), layer("b", 200, 8)}, now), std::optional(50.0));
        QCOMPARE(predictedCallUs({layer("a", 100, 8), layer("b", 200)}, now), std::optional<double>());
    }
    void whatNobodyMeasuredIsNotPredicted() {
        QCOMPARE(predictedCallUs({layer("a", 100), layer("a_in", 20)}, run()), std::optional<double>());
        measure::RunDocument busy = run();
        busy.optimized.latency.whyNotReliable = busy.baseline.latency.whyNotReliable = "Other programs.";
        QCOMPARE(predictedCallUs({layer("a", 100)}, busy), std::optional<double>());
        QCOMPARE(predictedCallUs({layer("a", 100)}, {}), std::optional<double>());
    }
};

QTEST_GUILESS_MAIN(LatencyPredictionTest)
#include "latency_prediction_test.moc"
