#include <views/models/recipe_text.h>

#include <QtTest>

#include <core/recipe/recipe.h>
#include <core/steps/step_table.h>
#include <tests/gui/bracket_translator.h>

namespace lathe::views {

class RecipeTextTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QVERIFY(QCoreApplication::installTranslator(&m_translator)); }
    void cleanup() { QCoreApplication::removeTranslator(&m_translator); }

    /// A step of each kind, so that core cannot begin to say something that has no words here.
    void everyStepHasAWord() {
        for (const steps::StepSpec& spec : steps::stepSpecs()) {
            recipe::Recipe recipe;
            recipe.steps.emplace_back().op = spec.op;
            const QString text = recipeText(recipe::summary(recipe));
            QVERIFY2(text.startsWith(u'['), qPrintable(QString::fromStdString(spec.op) + ": " + text));
        }
        QCOMPARE(recipeText(recipe::summary({})), QStringLiteral("[unchanged]"));
    }
    void figuresStay() {
        QCOMPARE(recipeText("fuse → prune L1 50 % → ft 10 → static int8"),
                 QStringLiteral("[fuse] → [prune] L1 50 % → [ft] 10 → [static] int8"));
    }
    void unknownWordsStay() {
        QCOMPARE(recipeText("distill 4 → fuses"), QStringLiteral("distill 4 → fuses"));
        QCOMPARE(recipeText(""), QString());
    }

private:
    BracketTranslator m_translator{"RecipeText"};
};

} // namespace lathe::views

QTEST_MAIN(lathe::views::RecipeTextTest)
#include "recipe_text_test.moc"
