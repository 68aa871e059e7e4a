#include <QSignalSpy>
#include <QTest>

#include <tests/gui/fake_transport.h>
#include <views/dialogs/data_preview_dialog.h>

using namespace lathe;
using namespace lathe::views;

class DataPreviewDialogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsADozenSamplesAtATime() {
        Parts parts;
        parts.session.setData(QStringLiteral("fashion-mnist"));
        DataPreviewDialog dialog(parts.workbench);
        QTRY_VERIFY(dialog.nextButton()->isEnabled());
        QVERIFY2(dialog.headline().contains(QStringLiteral("1×32×32 float32")), qPrintable(dialog.headline()));
        QCOMPARE(dialog.tiles().size(), std::size_t{12});
        QCOMPARE(dialog.tiles()[1]->caption(), QStringLiteral("<b>boot</b>"));
        QCOMPARE(dialog.tiles()[0]->kind(), SampleTile::Kind::Image);
        QCOMPARE(dialog.tiles()[0]->image().pixel(1, 0), qRgb(255, 255, 255));
        QVERIFY(!dialog.previousButton()->isEnabled());
        QTest::mouseClick(dialog.nextButton(), Qt::LeftButton);
        QTRY_VERIFY(dialog.previousButton()->isEnabled());
        QVERIFY2(!dialog.nextButton()->isEnabled(), "there are 14 samples");
        QVERIFY(dialog.tiles()[2]->caption().isEmpty());
        QVERIFY(dialog.tiles()[2]->image().isNull());
    }
    void saysWhyThereIsNothingToShow() {
        Parts parts;
        parts.session.setData(QStringLiteral("broken"));
        DataPreviewDialog dialog(parts.workbench);
        QTRY_VERIFY2(dialog.headline().contains(QStringLiteral("There is no data set")), qPrintable(dialog.headline()));
        QVERIFY(!dialog.nextButton()->isEnabled());
    }
    void rowsAreCurves() {
        SampleTile tile;
        tile.setSample({-1, -1, 1, {1, 1, 4}, {0, 100, 200, 255}}, {});
        QCOMPARE(tile.kind(), SampleTile::Kind::Curve);
        QVERIFY(tile.image().isNull());
    }

private:
    struct Parts {
        Session session;
        test::FakeTransport* transport = new test::FakeTransport;
        EngineClient engine{std::unique_ptr<EngineTransport>(transport)};
        Workbench workbench{session, engine};
        Parts() { workbench.greet(); }
    };
};

QTEST_MAIN(DataPreviewDialogTest)
#include "data_preview_dialog_test.moc"
