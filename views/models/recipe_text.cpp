#include <views/models/recipe_text.h>

#include <QCoreApplication>
#include <QStringList>

#include <views/models/text.h>

namespace lathe::views {

namespace {

constexpr const char* context = "RecipeText";

/// The words that recipe::summary() begins a step with; behind them are figures.
constexpr const char* words[] = {
    QT_TRANSLATE_NOOP("RecipeText", "unchanged"),    QT_TRANSLATE_NOOP("RecipeText", "fuse"),
    QT_TRANSLATE_NOOP("RecipeText", "clean"),        QT_TRANSLATE_NOOP("RecipeText", "ft"),
    QT_TRANSLATE_NOOP("RecipeText", "prune"),        QT_TRANSLATE_NOOP("RecipeText", "sparsify"),
    QT_TRANSLATE_NOOP("RecipeText", "distil"),       QT_TRANSLATE_NOOP("RecipeText", "re-estimate"),
    QT_TRANSLATE_NOOP("RecipeText", "correct bias"), QT_TRANSLATE_NOOP("RecipeText", "static"),
    QT_TRANSLATE_NOOP("RecipeText", "dynamic"),      QT_TRANSLATE_NOOP("RecipeText", "weights"),
    QT_TRANSLATE_NOOP("RecipeText", "factorize"),    QT_TRANSLATE_NOOP("RecipeText", "drop"),
    QT_TRANSLATE_NOOP("RecipeText", "share"),        QT_TRANSLATE_NOOP("RecipeText", "tie weights"),
    QT_TRANSLATE_NOOP("RecipeText", "half"),
};

QString stepText(const QString& step) {
    for (const char* word : words) {
        const QString known = QString::fromLatin1(word);
        if (step == known || step.startsWith(known + u' ')) return QCoreApplication::translate(context, word) + step.mid(known.size());
    }
    return step;
}

} // namespace

QString recipeText(const std::string& summary) {
    const QString arrow = QStringLiteral(" → ");
    QStringList steps = toQt(summary).split(arrow);
    for (QString& step : steps)
        step = stepText(step);
    return steps.join(arrow);
}

} // namespace lathe::views
