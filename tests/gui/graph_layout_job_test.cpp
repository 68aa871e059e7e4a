#include <views/graph/layout_job.h>

#include <condition_variable>
#include <mutex>

#include <QSignalSpy>
#include <QTest>

#include <tests/gui/graph_fixture.h>

using namespace lathe;
using views::LayoutJob;

namespace {

/// Waits until it is stopped, as dot would with a graph that is too large; other drawings are placed at once.
base::Result<layout::Placement> placeUnlessEndless(const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes,
                                                   std::stop_token stop) {
    if (drawing.name != "endless") return test::placeInRanks(drawing, sizes);
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
    return base::failure(base::ErrorCode::Cancelled, "Cancelled.");
}

std::vector<layout::NodeSize> sizesOf(const layout::Drawing& drawing) {
    return std::vector<layout::NodeSize>(drawing.nodes.size(), {100, 40});
}

} // namespace

class LayoutJobTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void handsThePlacementOver() {
        LayoutJob job(placeUnlessEndless);
        QSignalSpy placed(&job, &LayoutJob::placed);
        const layout::Drawing drawing = test::diamondDrawing();
        job.start(drawing, sizesOf(drawing));
        QVERIFY(job.isRunning());
        QVERIFY(placed.wait());
        QVERIFY(!job.isRunning());
        QCOMPARE(placed.first().first().value<layout::Placement>().nodes.size(), drawing.nodes.size());
    }
    void aNewerDrawingReplacesTheOlder() {
        LayoutJob job(placeUnlessEndless);
        QSignalSpy placed(&job, &LayoutJob::placed), failed(&job, &LayoutJob::failed);
        layout::Drawing endless = test::diamondDrawing();
        endless.name = "endless";
        job.start(endless, sizesOf(endless));
        const layout::Drawing chain = test::chainDrawing(3);
        job.start(chain, sizesOf(chain));
        QVERIFY(placed.wait());
        QCOMPARE(placed.size(), 1);
        QCOMPARE(placed.first().first().value<layout::Placement>().nodes.size(), std::size_t{3});
        QCOMPARE(failed.size(), 0);
    }
    void nothingIsHeardAfterCancel() {
        LayoutJob job(placeUnlessEndless);
        QSignalSpy placed(&job, &LayoutJob::placed), failed(&job, &LayoutJob::failed);
        const layout::Drawing chain = test::chainDrawing(3);
        job.start(chain, sizesOf(chain));
        job.cancel();
        QVERIFY(!job.isRunning());
        QVERIFY(!placed.wait(50));
        QCOMPARE(failed.size(), 0);
    }
    void failureIsHandedOver() {
        LayoutJob job([](const auto&, const auto&, auto) -> base::Result<layout::Placement> {
            return base::failure(base::ErrorCode::NotFound, "dot is not installed.");
        });
        QSignalSpy failed(&job, &LayoutJob::failed);
        job.start(test::chainDrawing(1), {});
        QVERIFY(failed.wait());
        QCOMPARE(failed.first().first().value<base::Error>().message.text(), std::string("dot is not installed."));
    }
    void destroyingStopsWhatRuns() {
        auto job = std::make_unique<LayoutJob>(placeUnlessEndless);
        layout::Drawing endless = test::diamondDrawing();
        endless.name = "endless";
        job->start(endless, sizesOf(endless));
        job.reset(); // would never return if the placer was not stopped
        QVERIFY(job == nullptr);
    }
};

QTEST_GUILESS_MAIN(LayoutJobTest)
#include "graph_layout_job_test.moc"
