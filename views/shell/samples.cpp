#include <views/shell/samples.h>

#include <algorithm>
#include <string_view>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace lathe::views {

namespace {

struct Samples {
    Q_DECLARE_TR_FUNCTIONS(Samples)
};

bool has(const client::InspectReport& model, std::string_view part) {
    return std::any_of(model.operators.begin(), model.operators.end(),
                       [part](const client::OperatorUse& use) { return use.op.find(part) != std::string::npos; });
}

bool isConvolutional(const client::InspectReport& model) {
    const bool attends = has(model, "scaled_dot_product") || has(model, "multi_head_attention") ||
                         (has(model, "softmax") && (has(model, "matmul") || has(model, "bmm")));
    const bool recurs = has(model, "lstm") || has(model, "gru") || has(model, "rnn");
    return has(model, "conv") && !attends && !recurs && !has(model, "embedding");
}

} // namespace

/// The same places as the engine looks at.
QString resourceFolder() {
    const QString chosen = qEnvironmentVariable("LATHE_RESOURCES");
    if (!chosen.isEmpty()) return chosen;
    const QString installed = QDir::cleanPath(QCoreApplication::applicationDirPath() % QStringLiteral("/../share/lathe"));
    return QFileInfo::exists(installed) ? installed : QStringLiteral(LATHE_SOURCE_RESOURCES);
}

std::vector<Sample> samples() {
    return {
        {QStringLiteral("lenet5"), Samples::tr("LeNet-5 on Fashion-MNIST"),
         Samples::tr("The classic convolutional network: 10 kinds of clothing, 61,706 parameters. Opens with a recipe that fuses, prunes, "
                     "fine-tunes and quantizes it."),
         resourceFolder() % QStringLiteral("/samples/lenet5/lenet5.pt"), QStringLiteral("fashion-mnist")}};
}

recipe::Recipe usualRecipe(const client::InspectReport& model, bool hasTrainingData) {
    recipe::Recipe recipe;
    const auto add = [&recipe](const char* op, base::Json parameters = base::Json::object(), bool isEnabled = true) {
        steps::Step made;
        made.op = op;
        made.parameters = std::move(parameters);
        made.enabled = isEnabled;
        recipe.steps.push_back(std::move(made));
    };
    const bool convolves = isConvolutional(model);
    if (convolves && has(model, "batch_norm")) add("fuse.conv_bn");
    if (convolves) add("fuse.conv_relu");
    if ((has(model, "linear") || has(model, "addmm")) && has(model, "relu")) add("fuse.linear_relu");
    if (!convolves) {
        add("quantize.dynamic");
        return recipe;
    }
    add("prune.structured", {{"ratio", 0.3}}, hasTrainingData);
    // Few epochs: the first comparison should be there within a minute.
    add("finetune", {{"epochs", 3}}, hasTrainingData);
    add("quantize.static");
    return recipe;
}

QString fittingData(const std::vector<client::DataEntry>& builtin, const client::OpenReply& model) {
    if (model.inputShapes.size() != 1 || model.report.inputs.size() != 1) return {};
    if (model.report.inputs.front().find("float") == std::string::npos) return {};
    const tensor::Shape& input = model.inputShapes.front();
    const auto fits = [&input](const client::DataEntry& entry) {
        // The first dimension is the batch.
        return entry.isAvailable && !entry.shape.empty() && input.size() == entry.shape.size() + 1 &&
               std::equal(entry.shape.begin(), entry.shape.end(), input.begin() + 1,
                          [](std::int64_t size, std::int64_t wanted) { return wanted < 0 || wanted == size; });
    };
    const auto found = std::find_if(builtin.begin(), builtin.end(), fits);
    return found == builtin.end() ? QString() : QString::fromStdString(found->name);
}

} // namespace lathe::views
