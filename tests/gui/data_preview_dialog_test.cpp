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
        DataPreviewDialog dialog(parts.session, parts.editor, parts.workbench);
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
        DataPreviewDialog dialog(parts.session, parts.editor, parts.workbench);
        QTRY_VERIFY2(dialog.headline().contains(QStringLiteral("There is no data set")), qPrintable(dialog.headline()));
        QVERIFY(!dialog.nextButton()->isEnabled());
    }
    void fieldsAreThoseOfTheKindOfData() {
        PreprocessingForm form;
        for (const auto& [kind, hasPictures, hasLabels] :
             {std::tuple("images", true, false), std::tuple("table", false, true), std::tuple("sound", false, false),
              std::tuple("arrays", false, true), std::tuple("", true, true)}) {
            form.showKind(kind);
            QCOMPARE(form.resizeField()->isVisibleTo(&form), hasPictures);
            QCOMPARE(form.labelField()->isVisibleTo(&form), hasLabels);
            QCOMPARE(form.meanField()->isVisibleTo(&form), std::string_view(kind) != "arrays");
        }
    }
    void rowsComeAndGoWhileTheFormIsShown() {
        PreprocessingForm form;
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form));
        for (const char* kind : {"arrays", "images", "", "arrays", "table", "sound", "arrays"}) {
            form.showKind(kind);
            form.resize(300, form.heightForWidth(300) > 0 ? form.heightForWidth(300) : 200);
            QCoreApplication::processEvents();
            // One under the other, none over another.
            int bottom = 0;
            for (QWidget* field : {static_cast<QWidget*>(form.resizeField()), static_cast<QWidget*>(form.channelsField()),
                                   static_cast<QWidget*>(form.labelField()), static_cast<QWidget*>(form.meanField())}) {
                if (!field->isVisible()) continue;
                QVERIFY2(field->y() >= bottom, kind);
                bottom = field->geometry().bottom();
            }
        }
    }
    void howQualityIsMeasuredIsPartOfTheRecipe() {
        Parts parts;
        parts.session.setData(QStringLiteral("fashion-mnist"));
        DataPreviewDialog dialog(parts.session, parts.editor, parts.workbench);
        EvaluationForm* form = dialog.evaluationForm();
        const auto evaluation = [&] { return parts.session.recipe().recipe().evaluation; };
        QCOMPARE(form->taskField()->count(), 1 + static_cast<int>(recipe::taskNames().size()));
        form->taskField()->setCurrentIndex(form->taskField()->findData(static_cast<int>(recipe::Task::Binary)));
        QVERIFY(evaluation().task == recipe::Task::Binary);
        form->outputField()->setText(QStringLiteral("scores"));
        emit form->outputField()->editingFinished();
        form->thresholdField()->setText(QStringLiteral("0.25"));
        emit form->thresholdField()->editingFinished();
        QVERIFY(evaluation() == (recipe::Evaluation{recipe::Task::Binary, "scores", 0.25}));
        form->thresholdField()->setText(QStringLiteral("much"));
        emit form->thresholdField()->editingFinished();
        QVERIFY(!form->problem().isEmpty());
        QVERIFY(evaluation().threshold == 0.25);
        parts.session.undoStack().undo();
        QVERIFY2(!evaluation().threshold, "one edit is undone");
        EvaluationForm again;
        again.showValues({recipe::Task::Tokens, "x", {}});
        QCOMPARE(again.taskField()->currentData().toInt(), static_cast<int>(recipe::Task::Tokens));
        QCOMPARE(again.outputField()->text(), QStringLiteral("x"));
    }
    void anEditIsAnUndoableChangeOfTheRecipe() {
        Parts parts;
        parts.session.setData(QStringLiteral("fashion-mnist"));
        DataPreviewDialog dialog(parts.session, parts.editor, parts.workbench);
        QTRY_VERIFY(dialog.nextButton()->isEnabled());
        const int asked = parts.transport->count("samples");
        dialog.form()->resizeField()->setValue(64);
        const auto preprocessing = [&] { return parts.session.recipe().recipe().preprocessing; };
        QCOMPARE(preprocessing().resize, std::optional<std::int64_t>(64));
        QTRY_COMPARE(parts.transport->count("samples"), asked + 1);
        dialog.form()->imageNetButton()->click();
        QCOMPARE(preprocessing().mean, (std::vector<double>{0.485, 0.456, 0.406}));
        QCOMPARE(preprocessing().deviation, (std::vector<double>{0.229, 0.224, 0.225}));
        dialog.form()->channelsField()->setCurrentIndex(1);
        QCOMPARE(preprocessing().channels, recipe::ChannelOrder::Bgr);
        parts.session.undoStack().undo();
        QCOMPARE(preprocessing().channels, recipe::ChannelOrder::Rgb);
        QCOMPARE(parts.session.undoStack().count(), 3);
    }
    void wrongNumbersChangeNothing() {
        PreprocessingForm form;
        const QSignalSpy edits(&form, &PreprocessingForm::edited);
        for (const char* wrong : {"0.5, half", "0.5; 0.4"}) {
            form.meanField()->setText(QString::fromLatin1(wrong));
            emit form.meanField()->editingFinished();
            QVERIFY2(!form.problem().isEmpty(), wrong);
        }
        form.imageNetButton()->click();
        QVERIFY(form.problem().isEmpty());
        form.meanField()->setText(QStringLiteral("0.5"));
        emit form.meanField()->editingFinished();
        QVERIFY2(!form.problem().isEmpty(), "three deviations and one mean");
        QCOMPARE(edits.count(), 1);
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
        RecipeEditor editor{session.recipe(), session.undoStack()};
        Parts() { workbench.greet(); }
    };
};

QTEST_MAIN(DataPreviewDialogTest)
#include "data_preview_dialog_test.moc"
