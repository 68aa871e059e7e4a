#include <views/shell/samples.h>

#include <algorithm>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace lathe::views {

namespace {

struct Samples {
    Q_DECLARE_TR_FUNCTIONS(Samples)
};

/// The same places as the engine looks at.
QString resourceFolder() {
    const QString chosen = qEnvironmentVariable("LATHE_RESOURCES");
    if (!chosen.isEmpty()) return chosen;
    const QString installed = QDir::cleanPath(QCoreApplication::applicationDirPath() % QStringLiteral("/../share/lathe"));
    return QFileInfo::exists(installed) ? installed : QStringLiteral(LATHE_SOURCE_RESOURCES);
}

} // namespace

std::vector<Sample> samples() {
    return {
        {QStringLiteral("lenet5"), Samples::tr("LeNet-5 on Fashion-MNIST"),
         Samples::tr("The classic convolutional network: 10 kinds of clothing, 61,706 parameters. Opens with a recipe that fuses, prunes, "
                     "fine-tunes and quantizes it."),
         resourceFolder() % QStringLiteral("/samples/lenet5/lenet5.pt"), QStringLiteral("fashion-mnist")}};
}

recipe::Recipe usualRecipe(const client::InspectReport& model) {
    const auto step = [](const char* op, base::Json parameters = base::Json::object()) {
        recipe::Step made;
        made.op = op;
        made.parameters = std::move(parameters);
        return made;
    };
    recipe::Recipe recipe;
    const bool hasBatchNorm = std::any_of(model.operators.begin(), model.operators.end(),
                                          [](const client::OperatorUse& use) { return use.op.find("batch_norm") != std::string::npos; });
    if (hasBatchNorm) recipe.steps.push_back(step("fuse.conv_bn"));
    recipe.steps.push_back(step("fuse.conv_relu"));
    recipe.steps.push_back(step("fuse.linear_relu"));
    recipe.steps.push_back(step("prune.structured", {{"ratio", 0.3}}));
    // Few epochs: the first comparison should be there within a minute.
    recipe.steps.push_back(step("finetune", {{"epochs", 3}}));
    recipe.steps.push_back(step("quantize.static"));
    return recipe;
}

} // namespace lathe::views
