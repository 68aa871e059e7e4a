#include <QComboBox>
#include <QSlider>
#include <QSpinBox>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/knob_form.h>
#include <views/panels/layer_inspector.h>
#include <views/panels/step_inspector.h>
#include <views/panels/where_editor.h>
#include <views/widgets/loss_curve.h>
#include <views/widgets/toggle_switch.h>

using namespace lathe;
using namespace lathe::views;

class InspectorPanelTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_parts = std::make_unique<Parts>();
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QTRY_VERIFY(m_parts->session.preview());
        m_parts->editor.addStep("prune.structured");
        m_parts->editor.addStep("quantize.static");
        m_parts->session.selectStep(-1);
        m_parts->panel.resize(320, 800);
        m_parts->panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&m_parts->panel));
    }
    void cleanup() { m_parts.reset(); }

    void titleSaysWhatIsSelected() {
        QCOMPARE(m_parts->panel.title(), QStringLiteral("Model"));
        m_parts->session.selectStep(1);
        QCOMPARE(m_parts->panel.title(), QStringLiteral("Quantize static"));
        select({"conv2"});
        QCOMPARE(m_parts->panel.title(), QStringLiteral("conv2"));
        select({"conv2", "fc1"});
        QVERIFY(m_parts->panel.title().contains(u'2'));
        select({"pool1"});
        QCOMPARE(m_parts->panel.title(), QStringLiteral("pool1"));
    }

    void everyStepWithKnobsForLayersHasAForm() {
        select({"conv2"});
        QVERIFY(layerForm(0)->control("ratio"));
        QVERIFY(layerForm(1)->control("weights.granularity"));
        QVERIFY(!layerForm(1)->control("samples")); // for the whole step only
    }

    void keepInFloatIsSetForAllSelectedLayersAtOnce() {
        select({"fc2", "fc3"});
        QTest::mouseClick(control<ToggleSwitch>(1, "keep"), Qt::LeftButton);
        for (const char* layer : {"fc2", "fc3"})
            QCOMPARE(step(1).parameter("keep", layer).get<std::string>(), std::string("float"));
        QCOMPARE(step(1).parameter("keep", "fc1").get<std::string>(), std::string("quantized"));
        // Quantizing makes no sense for them now.
        QVERIFY(!control<QComboBox>(1, "weights.bits")->isEnabled());
        m_parts->session.undoStack().undo();
        QVERIFY(control<QComboBox>(1, "weights.bits")->isEnabled());
        QVERIFY(!control<ToggleSwitch>(1, "keep")->isChecked());
    }

    void aDropDownShowsThatLayersDiffer() {
        m_parts->editor.setParameter({1, "weights.bits", {QStringLiteral("fc1")}}, 4);
        select({"fc1", "fc2"});
        auto* bits = control<QComboBox>(1, "weights.bits");
        QCOMPARE(bits->currentIndex(), -1);
        select({"fc1"});
        QCOMPARE(bits->currentText(), QStringLiteral("int4"));
    }

    void aDropDownIsSetByKeyboard() {
        select({"fc1"});
        auto* granularity = control<QComboBox>(1, "weights.granularity");
        granularity->setFocus();
        QTest::keyClick(granularity, Qt::Key_Down);
        QCOMPARE(step(1).parameter("weights.granularity", "fc1").get<std::string>(), std::string("tensor"));
        QCOMPARE(step(1).parameter("weights.granularity").get<std::string>(), std::string("channel"));
    }

    void draggingTheSliderIsOneUndoStep() {
        select({"conv2"});
        const int before = m_parts->session.undoStack().count();
        auto* slider = control<QWidget>(0, "ratio")->findChild<QSlider*>();
        emit slider->sliderPressed();
        for (const int percent : {45, 40, 30})
            slider->setValue(percent);
        emit slider->sliderReleased();
        QCOMPARE(m_parts->session.undoStack().count(), before + 1);
        QCOMPARE(step(0).parameter("ratio", "conv2").get<double>(), 0.3);
        // The same slider is still there: a drag is not torn off by its own edit.
        QCOMPARE(control<QWidget>(0, "ratio")->findChild<QSlider*>(), slider);
    }

    void aTrainingShowsHowItWent() {
        m_parts->editor.addStep("finetune");
        m_parts->session.selectStep(2);
        const auto* curve = m_parts->panel.stepInspector()->findChild<LossCurve*>();
        QVERIFY(curve->isHidden());
        m_parts->session.setLastRun(test::LenetEngine::run(m_parts->session.recipe().recipe()));
        QVERIFY(!curve->isHidden());
        QCOMPARE(curve->points().size(), std::size_t{3});
        QCOMPARE(curve->validation().size(), std::size_t{3});
        QStringList texts;
        for (const QLabel* label : m_parts->panel.stepInspector()->findChildren<QLabel*>())
            texts << label->text();
        for (const char* text :
             {"Training loss", "0.8000 → 0.4000", "Learning rate", "Validation loss", "Validation accuracy", "75.00 % → 82.50 %"})
            QVERIFY2(texts.contains(QString::fromUtf8(text)), text);
        m_parts->session.selectStep(1); // that trains nothing
        QVERIFY(curve->isHidden());
    }

    void theStepsFormSetsTheWholeStep() {
        m_parts->session.selectStep(1);
        auto* samples = qobject_cast<QSpinBox*>(m_parts->panel.stepInspector()->form()->control("samples"));
        samples->selectAll();
        QTest::keyClicks(samples, QStringLiteral("128"));
        QTest::keyClick(samples, Qt::Key_Return);
        QCOMPARE(step(1).parameter("samples").get<int>(), 128);
        QVERIFY(!m_parts->panel.stepInspector()->form()->control("keep"));
    }

    void aRuleIsChosenFromTheList() {
        m_parts->session.selectStep(1);
        WhereEditor* editor = m_parts->panel.stepInspector()->where();
        QVERIFY(editor->isVisible());
        QCOMPARE(editor->result(), QStringLiteral("5 of 5 layers"));
        QTest::keyClick(editor->choice(), Qt::Key_Down);
        QCOMPARE(editor->choice()->currentText(), QStringLiteral("all but the first and last"));
        QCOMPARE(step(1).where, (steps::Where{"!first", "!last"}));
        QCOMPARE(editor->result(), QStringLiteral("3 of 5 layers"));
        m_parts->session.undoStack().undo();
        QVERIFY(step(1).where.empty());
        QCOMPARE(editor->result(), QStringLiteral("5 of 5 layers"));
        m_parts->session.undoStack().redo();
        QCOMPARE(editor->choice()->currentIndex(), 1);

        // The layer shows that it is left out, and its own setting counts more than the rule.
        select({"conv1"});
        QVERIFY(control<ToggleSwitch>(1, "keep")->isChecked());
        QTest::mouseClick(control<ToggleSwitch>(1, "keep"), Qt::LeftButton);
        QVERIFY(!m_parts->session.recipe().boundStep(1).leavesOut("conv1"));
        select({"conv1", "conv2"});
        QVERIFY(!control<ToggleSwitch>(1, "keep")->isChecked());
    }
    void patternsAreTyped() {
        m_parts->session.selectStep(0);
        WhereEditor* editor = m_parts->panel.stepInspector()->where();
        QVERIFY(!editor->field()->isVisible());
        QTest::keyClick(editor->choice(), Qt::Key_End);
        QVERIFY(editor->field()->isVisible());
        QVERIFY(editor->field()->hasFocus());
        QTest::keyClicks(editor->field(), QStringLiteral("cnv*"));
        QCOMPARE(editor->result(), QStringLiteral("no layer fits \"cnv*\"; nearest: \"conv1\""));
        QTest::keyClick(editor->field(), Qt::Key_Return);
        QVERIFY2(step(0).where.empty(), "what fits nothing is not taken over");
        editor->field()->clear();
        QTest::keyClicks(editor->field(), QStringLiteral("conv*, fc1 , !first"));
        QCOMPARE(editor->result(), QStringLiteral("2 of 5 layers"));
        QTest::keyClick(editor->field(), Qt::Key_Return);
        QCOMPARE(step(0).where, (steps::Where{"conv*", "fc1", "!first"}));
        QCOMPARE(m_parts->session.undoStack().undoText(), QStringLiteral("change the layers of Prune channels"));
    }
    void stepsForWholeModelsHaveNoRule() {
        m_parts->session.selectStep(m_parts->editor.addStep("fuse.conv_relu"));
        QVERIFY(!m_parts->panel.stepInspector()->where()->isVisible());
    }
    void theHistogramIsThatOfTheNewestSelection() {
        select({"conv1"});
        select({"conv2"});
        QTRY_VERIFY(!m_parts->panel.layerInspector()->histogram()->content().counts.empty());
        select({"conv1", "conv2"});
        QVERIFY(m_parts->panel.layerInspector()->histogram()->isHidden());
    }

    void theCodebookIsMarkedInTheHistogram() {
        select({"conv2"});
        LayerInspector* inspector = m_parts->panel.layerInspector();
        QTRY_VERIFY(!inspector->histogram()->content().counts.empty());
        QVERIFY(inspector->histogram()->content().marks.empty());
        m_parts->editor.addStep("share.codebook");
        QTRY_COMPARE(inspector->histogram()->content().marks.size(), std::size_t{4});
        inspector->histogram()->grab(); // paints
    }

    void aRankIsChosenInTheSpectrum() {
        select({"conv2"});
        SpectrumWidget* spectrum = m_parts->panel.layerInspector()->spectrum();
        QVERIFY(spectrum->isHidden());
        const int factorize = m_parts->editor.addStep("factorize", 0);
        QTRY_VERIFY(!spectrum->isHidden());
        QCOMPARE(spectrum->rank(), 2);
        QTest::keyClick(spectrum, Qt::Key_Right);
        QCOMPARE(step(factorize).parameter("target", "conv2").get<std::string>(), std::string("rank"));
        QCOMPARE(step(factorize).parameter("rank", "conv2").get<int>(), 3);
        QCOMPARE(step(factorize).parameter("target", "fc1").get<std::string>(), std::string("parameters"));
        QTRY_COMPARE(spectrum->rank(), 3);
        const auto* words = m_parts->panel.findChild<QLabel*>(QStringLiteral("rankWords"));
        QVERIFY2(words->text().contains(QStringLiteral("Rank 3 of 4")), qPrintable(words->text()));
        select({"conv1", "conv2"});
        QVERIFY(spectrum->isHidden() && words->isHidden());
    }

    void weightsThatCannotBeReadAreSaid() {
        m_parts->transport->refuse("weights", "The model file has changed.");
        select({"conv1"});
        QTRY_COMPARE(m_parts->panel.layerInspector()->histogram()->content().message, QStringLiteral("The model file has changed."));
        m_parts->transport->refuse("weights", {});
        select({"conv2"});
        QTRY_VERIFY(!m_parts->panel.layerInspector()->histogram()->content().counts.empty());
        QCOMPARE(m_parts->panel.layerInspector()->histogram()->content().message, QString());
    }

    void aLayerSaysWhyAStepLeavesItAsItIs() {
        QTRY_VERIFY(!m_parts->session.layers().layer(QStringLiteral("fc3"))->notes.empty());
        select({"fc3"});
        const auto* notes = m_parts->panel.findChild<QLabel*>(QStringLiteral("layerNotes0"));
        QVERIFY(notes);
        QVERIFY(!notes->isHidden());
        QVERIFY(notes->text().contains(QStringLiteral("keeps its 10 channels")));
        QVERIFY(m_parts->panel.findChild<QLabel*>(QStringLiteral("layerNotes1"))->isHidden());
        select({"conv2"});
        QVERIFY(notes->isHidden());
    }

    void aStepSaysThatItChangesNothing() {
        m_parts->session.selectStep(m_parts->editor.addStep("fuse.conv_bn", 1));
        const auto* warnings = m_parts->panel.findChild<QLabel*>(QStringLiteral("stepWarnings"));
        QTRY_VERIFY(!warnings->isHidden());
        QVERIFY(warnings->text().startsWith(QStringLiteral("Nothing to fold")));
        m_parts->session.selectStep(0);
        QVERIFY(warnings->isHidden());
    }

    void everyControlHasAnAccessibleName() {
        select({"conv2"});
        for (const char* key : {"keep", "weights.bits", "weights.scheme", "weights.granularity", "calibrator"}) {
            QVERIFY2(!layerForm(1)->control(key)->accessibleName().isEmpty(), key);
        }
        QVERIFY(!control<QWidget>(0, "ratio")->findChild<QSlider*>()->accessibleName().isEmpty());
    }

private:
    struct Parts {
        Session session;
        RecipeEditor editor{session.recipe(), session.undoStack()};
        test::FakeTransport* transport = new test::FakeTransport;
        EngineClient engine{std::unique_ptr<EngineTransport>(transport)};
        Workbench workbench{session, engine};
        InspectorPanel panel{session, editor, workbench};
    };
    void select(std::initializer_list<const char*> names) {
        QStringList nodes;
        for (const char* name : names)
            nodes << QString::fromLatin1(name);
        m_parts->session.selectNodes(nodes);
    }
    [[nodiscard]] const steps::Step& step(int index) const { return m_parts->session.recipe().step(index); }
    [[nodiscard]] KnobForm* layerForm(int index) const { return m_parts->panel.layerInspector()->form(index); }
    template<class Control>
    [[nodiscard]] Control* control(int index, const char* key) const {
        return qobject_cast<Control*>(layerForm(index)->control(key));
    }
    test::TestHome m_home;
    std::unique_ptr<Parts> m_parts;
};

QTEST_MAIN(InspectorPanelTest)
#include "inspector_panel_test.moc"
