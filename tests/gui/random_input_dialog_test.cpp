#include <QTest>

#include <views/dialogs/random_input_dialog.h>

using namespace lathe::views;

class RandomInputDialogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsSignatures() {
        const InputSignature tokens = readSignature("tokens: int64[batch,seq]");
        QCOMPARE(tokens.name, QStringLiteral("tokens"));
        QCOMPARE(tokens.dtype, QStringLiteral("int64"));
        QCOMPARE(tokens.sizes, (QStringList{QStringLiteral("batch"), QStringLiteral("seq")}));
        QVERIFY(tokens.isShapeKnown);
        QCOMPARE(tokens.sizeName(1), QStringLiteral("seq"));
        const InputSignature image = readSignature("image: float32[1,3,?,?]");
        QCOMPARE(image.sizeName(1), QString());
        QCOMPARE(image.sizeName(2), QStringLiteral("image.2"));
        const InputSignature unknown = readSignature("x.1");
        QCOMPARE(unknown.name, QStringLiteral("x.1"));
        QVERIFY(unknown.dtype.isEmpty() && !unknown.isShapeKnown);
    }
    void sizesBecomeOptions() {
        const std::vector<std::string> signatures{"tokens: int64[batch,seq]", "mask: int64[batch,seq]", "image: float32[batch,3,?,32]"};
        RandomInputDialog dialog(signatures, {});
        QCOMPARE(dialog.data(), QStringLiteral("random"));
        QVERIFY(!dialog.sizeField(QStringLiteral("batch")));
        dialog.sizeField(QStringLiteral("seq"))->setValue(64);
        dialog.sizeField(QStringLiteral("image.2"))->setValue(48);
        dialog.seedField()->setValue(3);
        QCOMPARE(dialog.data(), QStringLiteral("random:image.2=48,seq=64,seed=3"));
        // and back
        QCOMPARE(RandomInputDialog(signatures, dialog.data()).data(), dialog.data());
        RandomInputDialog sequences({"x: float32[?,batch,10]"}, {});
        QVERIFY(!sequences.sizeField(QStringLiteral("batch")));
        QVERIFY(sequences.sizeField(QStringLiteral("x.0")));
    }
    void anUnknownShapeIsAskedFor() {
        RandomInputDialog dialog({"x"}, QStringLiteral("fashion-mnist"));
        QLineEdit* shape = dialog.shapeField(QStringLiteral("x"));
        QVERIFY(shape);
        QCOMPARE(dialog.data(), QStringLiteral("random"));
        QVERIFY(dialog.useButton()->isEnabled());
        shape->setText(QStringLiteral("3×224"));
        QVERIFY(!dialog.useButton()->isEnabled());
        shape->setText(QStringLiteral("1x32x32"));
        QVERIFY(dialog.useButton()->isEnabled());
        QCOMPARE(dialog.data(), QStringLiteral("random:x=1x32x32"));
    }
    void returnUsesIt() {
        RandomInputDialog dialog({"x: float32[batch,10]"}, {});
        QVERIFY(dialog.focusWidget());
        dialog.show();
        QTest::keyClick(dialog.focusWidget(), Qt::Key_Return);
        QCOMPARE(dialog.result(), static_cast<int>(QDialog::Accepted));
    }
};

QTEST_MAIN(RandomInputDialogTest)
#include "random_input_dialog_test.moc"
