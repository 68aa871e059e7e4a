#include <views/models/step_text.h>

#include <algorithm>
#include <array>

#include <QCoreApplication>

#include <core/steps/step_table.h>
#include <views/models/number_text.h>
#include <views/models/text.h>

namespace lathe::views::step_text {

namespace {

struct StepText {
    Q_DECLARE_TR_FUNCTIONS(StepText)
};

struct StepWords {
    std::string_view op;
    const char* group;
    const char* title;
    const char* description;
    const char* brief = ""; ///< of steps without parameters
};
constexpr std::array stepWords = {
    StepWords{"fuse.conv_bn", QT_TRANSLATE_NOOP("StepText", "Fuse"), QT_TRANSLATE_NOOP("StepText", "Fold batch norm"),
              QT_TRANSLATE_NOOP("StepText", "Puts each batch normalization into the weights of the convolution before it."),
              QT_TRANSLATE_NOOP("StepText", "into the weights of the convolution")},
    StepWords{"fuse.conv_relu", QT_TRANSLATE_NOOP("StepText", "Fuse"), QT_TRANSLATE_NOOP("StepText", "Fuse convolution + ReLU"),
              QT_TRANSLATE_NOOP("StepText", "Computes a convolution and the ReLU behind it as one operator."),
              QT_TRANSLATE_NOOP("StepText", "one operator instead of two")},
    StepWords{"fuse.linear_relu", QT_TRANSLATE_NOOP("StepText", "Fuse"), QT_TRANSLATE_NOOP("StepText", "Fuse linear + ReLU"),
              QT_TRANSLATE_NOOP("StepText", "Computes a linear layer and the ReLU behind it as one operator."),
              QT_TRANSLATE_NOOP("StepText", "one operator instead of two")},
    StepWords{"clean.fold_constants", QT_TRANSLATE_NOOP("StepText", "Clean up"), QT_TRANSLATE_NOOP("StepText", "Fold constants"),
              QT_TRANSLATE_NOOP("StepText", "Computes once what does not depend on the input."),
              QT_TRANSLATE_NOOP("StepText", "computed once, not on each call")},
    StepWords{"clean.dead_code", QT_TRANSLATE_NOOP("StepText", "Clean up"), QT_TRANSLATE_NOOP("StepText", "Remove dead code"),
              QT_TRANSLATE_NOOP("StepText", "Removes operators whose results nobody uses."),
              QT_TRANSLATE_NOOP("StepText", "operators that nobody uses")},
    StepWords{"prune.unstructured", QT_TRANSLATE_NOOP("StepText", "Prune"), QT_TRANSLATE_NOOP("StepText", "Prune weights"),
              QT_TRANSLATE_NOOP("StepText", "Sets the least important weights to zero; shapes stay as they are.")},
    StepWords{
        "prune.structured", QT_TRANSLATE_NOOP("StepText", "Prune"), QT_TRANSLATE_NOOP("StepText", "Prune channels"),
        QT_TRANSLATE_NOOP("StepText", "Removes the least important channels with everything that depends on them; tensors really shrink.")},
    StepWords{"prune.blocks", QT_TRANSLATE_NOOP("StepText", "Prune"), QT_TRANSLATE_NOOP("StepText", "Drop blocks"),
              QT_TRANSLATE_NOOP("StepText", "Drops whole residual blocks: those that change what they get least.")},
    StepWords{"factorize", QT_TRANSLATE_NOOP("StepText", "Compress"), QT_TRANSLATE_NOOP("StepText", "Factorize layers"),
              QT_TRANSLATE_NOOP("StepText", "Replaces layers by two or three smaller ones one behind the other (low rank).")},
    StepWords{"share.tied", QT_TRANSLATE_NOOP("StepText", "Compress"), QT_TRANSLATE_NOOP("StepText", "Tie equal weights"),
              QT_TRANSLATE_NOOP("StepText", "Weights that are alike become one, which is stored once."),
              QT_TRANSLATE_NOOP("StepText", "stored once")},
    StepWords{"share.codebook", QT_TRANSLATE_NOOP("StepText", "Compress"), QT_TRANSLATE_NOOP("StepText", "Share weights (codebook)"),
              QT_TRANSLATE_NOOP("StepText", "The weights of a layer share few numbers (k-means): files hold indices and a codebook.")},
    StepWords{
        "recover.batch_norm", QT_TRANSLATE_NOOP("StepText", "Recover"), QT_TRANSLATE_NOOP("StepText", "Re-estimate batch norms"),
        QT_TRANSLATE_NOOP("StepText", "Finds the statistics of batch normalizations anew, as they are for the model that is there now.")},
    StepWords{"recover.bias", QT_TRANSLATE_NOOP("StepText", "Recover"), QT_TRANSLATE_NOOP("StepText", "Correct biases"),
              QT_TRANSLATE_NOOP("StepText", "Moves biases so that each channel has the mean that it has in the original model.")},
    StepWords{
        "finetune", QT_TRANSLATE_NOOP("StepText", "Train"), QT_TRANSLATE_NOOP("StepText", "Fine-tune"),
        QT_TRANSLATE_NOOP(
            "StepText", "Trains the model as it is now on the training data, to win accuracy back; also with the original as a teacher.")},
    StepWords{"quantize.static", QT_TRANSLATE_NOOP("StepText", "Quantize"), QT_TRANSLATE_NOOP("StepText", "Quantize static"),
              QT_TRANSLATE_NOOP("StepText", "Integer weights and activations; ranges of activations are calibrated on training samples.")},
    StepWords{"quantize.dynamic", QT_TRANSLATE_NOOP("StepText", "Quantize"), QT_TRANSLATE_NOOP("StepText", "Quantize dynamic"),
              QT_TRANSLATE_NOOP("StepText", "Integer weights; ranges of activations are taken from each input at run time.")},
    StepWords{"quantize.weight_only", QT_TRANSLATE_NOOP("StepText", "Quantize"), QT_TRANSLATE_NOOP("StepText", "Quantize weights only"),
              QT_TRANSLATE_NOOP("StepText", "Stores weights as integers and computes in floating point.")},
    StepWords{"quantize.half", QT_TRANSLATE_NOOP("StepText", "Quantize"), QT_TRANSLATE_NOOP("StepText", "Half precision"),
              QT_TRANSLATE_NOOP("StepText", "Layers and products of matrices multiply bfloat16 or float16 and sum in float32.")},
};

const StepWords* wordsOf(std::string_view op) {
    const auto* found = std::find_if(stepWords.begin(), stepWords.end(), [&](const StepWords& words) { return words.op == op; });
    return found == stepWords.end() ? nullptr : found;
}

struct KeyWords {
    std::string_view key;
    const char* label;
};
constexpr std::array parameterWords = {
    KeyWords{"accumulate", QT_TRANSLATE_NOOP("StepText", "Batches to a step")},
    KeyWords{"activations.bits", QT_TRANSLATE_NOOP("StepText", "Activations")},
    KeyWords{"activations.granularity", QT_TRANSLATE_NOOP("StepText", "Activation ranges")},
    KeyWords{"activations.range", QT_TRANSLATE_NOOP("StepText", "Integer range")},
    KeyWords{"activations.residuals", QT_TRANSLATE_NOOP("StepText", "Residual branches")},
    KeyWords{"activations.scheme", QT_TRANSLATE_NOOP("StepText", "Activation scheme")},
    KeyWords{"augment.flip", QT_TRANSLATE_NOOP("StepText", "Flip")},
    KeyWords{"augment.mixup", QT_TRANSLATE_NOOP("StepText", "Mixup")},
    KeyWords{"augment.noise", QT_TRANSLATE_NOOP("StepText", "Noise")},
    KeyWords{"augment.shift", QT_TRANSLATE_NOOP("StepText", "Shift (pixels)")},
    KeyWords{"augment.token_dropout", QT_TRANSLATE_NOOP("StepText", "Token dropout")},
    KeyWords{"batch_norm", QT_TRANSLATE_NOOP("StepText", "Batch norm")},
    KeyWords{"batch_size", QT_TRANSLATE_NOOP("StepText", "Batch size")},
    KeyWords{"bits", QT_TRANSLATE_NOOP("StepText", "Bits of an index")},
    KeyWords{"calibrator", QT_TRANSLATE_NOOP("StepText", "Calibrator")},
    KeyWords{"class_weights", QT_TRANSLATE_NOOP("StepText", "Class weights")},
    KeyWords{"clip_norm", QT_TRANSLATE_NOOP("StepText", "Clip gradients")},
    KeyWords{"criterion", QT_TRANSLATE_NOOP("StepText", "Criterion")},
    KeyWords{"distill.feature_weight", QT_TRANSLATE_NOOP("StepText", "Weight of features")},
    KeyWords{"distill.features", QT_TRANSLATE_NOOP("StepText", "Teacher's features")},
    KeyWords{"distill.outputs", QT_TRANSLATE_NOOP("StepText", "Teacher's outputs")},
    KeyWords{"distill.teacher", QT_TRANSLATE_NOOP("StepText", "Teacher (file)")},
    KeyWords{"distill.temperature", QT_TRANSLATE_NOOP("StepText", "Temperature")},
    KeyWords{"distill.weight", QT_TRANSLATE_NOOP("StepText", "Weight of the teacher")},
    KeyWords{"ema", QT_TRANSLATE_NOOP("StepText", "Moving average")},
    KeyWords{"energy", QT_TRANSLATE_NOOP("StepText", "Energy that stays")},
    KeyWords{"epochs", QT_TRANSLATE_NOOP("StepText", "Epochs")},
    KeyWords{"from", QT_TRANSLATE_NOOP("StepText", "Means from")},
    KeyWords{"granularity", QT_TRANSLATE_NOOP("StepText", "A codebook")},
    KeyWords{"group_size", QT_TRANSLATE_NOOP("StepText", "Channels in a group")},
    KeyWords{"keep", QT_TRANSLATE_NOOP("StepText", "Keep in float")},
    KeyWords{"label_smoothing", QT_TRANSLATE_NOOP("StepText", "Label smoothing")},
    KeyWords{"layer_norms", QT_TRANSLATE_NOOP("StepText", "Through layer norms")},
    KeyWords{"learning_rate", QT_TRANSLATE_NOOP("StepText", "Learning rate")},
    KeyWords{"loss", QT_TRANSLATE_NOOP("StepText", "Loss")},
    KeyWords{"max_samples", QT_TRANSLATE_NOOP("StepText", "Samples per epoch")},
    KeyWords{"measure_widths", QT_TRANSLATE_NOOP("StepText", "Round by measured times")},
    KeyWords{"method", QT_TRANSLATE_NOOP("StepText", "Convolutions")},
    KeyWords{"minimum", QT_TRANSLATE_NOOP("StepText", "Keep at least")},
    KeyWords{"momentum", QT_TRANSLATE_NOOP("StepText", "Momentum")},
    KeyWords{"nesterov", QT_TRANSLATE_NOOP("StepText", "Nesterov")},
    KeyWords{"optimizer", QT_TRANSLATE_NOOP("StepText", "Optimizer")},
    KeyWords{"patience", QT_TRANSLATE_NOOP("StepText", "Patience (epochs)")},
    KeyWords{"pattern", QT_TRANSLATE_NOOP("StepText", "Pattern (2:4, 1x16)")},
    KeyWords{"precision", QT_TRANSLATE_NOOP("StepText", "Computes in")},
    KeyWords{"rank", QT_TRANSLATE_NOOP("StepText", "Rank")},
    KeyWords{"ratio", QT_TRANSLATE_NOOP("StepText", "Pruned share")},
    KeyWords{"ratio_of", QT_TRANSLATE_NOOP("StepText", "Share of")},
    KeyWords{"round_to", QT_TRANSLATE_NOOP("StepText", "Round channels to")},
    KeyWords{"samples", QT_TRANSLATE_NOOP("StepText", "Samples")},
    KeyWords{"schedule", QT_TRANSLATE_NOOP("StepText", "Learning rate goes")},
    KeyWords{"scope", QT_TRANSLATE_NOOP("StepText", "Ranked over")},
    KeyWords{"share", QT_TRANSLATE_NOOP("StepText", "Share that stays")},
    KeyWords{"skip", QT_TRANSLATE_NOOP("StepText", "Leave out")},
    KeyWords{"target", QT_TRANSLATE_NOOP("StepText", "Rank by")},
    KeyWords{"targets", QT_TRANSLATE_NOOP("StepText", "Quantize")},
    KeyWords{"tolerance", QT_TRANSLATE_NOOP("StepText", "Tolerance")},
    KeyWords{"tucker_rounds", QT_TRANSLATE_NOOP("StepText", "Rounds of Tucker")},
    KeyWords{"type", QT_TRANSLATE_NOOP("StepText", "Number type")},
    KeyWords{"validation", QT_TRANSLATE_NOOP("StepText", "Set aside")},
    KeyWords{"warm_up", QT_TRANSLATE_NOOP("StepText", "Warm-up")},
    KeyWords{"weight_decay", QT_TRANSLATE_NOOP("StepText", "Weight decay")},
    KeyWords{"weights.bits", QT_TRANSLATE_NOOP("StepText", "Weights")},
    KeyWords{"weights.calibrator", QT_TRANSLATE_NOOP("StepText", "Weight calibrator")},
    KeyWords{"weights.granularity", QT_TRANSLATE_NOOP("StepText", "Granularity")},
    KeyWords{"weights.scheme", QT_TRANSLATE_NOOP("StepText", "Weight scheme")},
};

struct ChoiceWords {
    std::string_view key, choice;
    const char* label;
};
constexpr std::array choiceWords = {
    ChoiceWords{"activations.granularity", "tensor", QT_TRANSLATE_NOOP("StepText", "Per tensor")},
    ChoiceWords{"activations.granularity", "token", QT_TRANSLATE_NOOP("StepText", "Per token")},
    ChoiceWords{"activations.range", "auto", QT_TRANSLATE_NOOP("StepText", "Automatic")},
    ChoiceWords{"activations.range", "full", QT_TRANSLATE_NOOP("StepText", "Full (8 bits)")},
    ChoiceWords{"activations.range", "reduced", QT_TRANSLATE_NOOP("StepText", "Reduced (7 bits)")},
    ChoiceWords{"activations.residuals", "float", QT_TRANSLATE_NOOP("StepText", "Float (fused)")},
    ChoiceWords{"activations.residuals", "quantized", QT_TRANSLATE_NOOP("StepText", "Integer (exports)")},
    ChoiceWords{"activations.scheme", "affine", QT_TRANSLATE_NOOP("StepText", "Affine")},
    ChoiceWords{"activations.scheme", "symmetric", QT_TRANSLATE_NOOP("StepText", "Symmetric")},
    ChoiceWords{"batch_norm", "batch", QT_TRANSLATE_NOOP("StepText", "By the batch")},
    ChoiceWords{"batch_norm", "frozen", QT_TRANSLATE_NOOP("StepText", "Frozen statistics")},
    ChoiceWords{"calibrator", "histogram", QT_TRANSLATE_NOOP("StepText", "Histogram (MSE)")},
    ChoiceWords{"calibrator", "minmax", QT_TRANSLATE_NOOP("StepText", "Min-max")},
    ChoiceWords{"criterion", "activations", QT_TRANSLATE_NOOP("StepText", "Error of the outputs")},
    ChoiceWords{"criterion", "weights", QT_TRANSLATE_NOOP("StepText", "Error of the weights")},
    ChoiceWords{"criterion", "apoz", QT_TRANSLATE_NOOP("StepText", "Zeros (APoZ)")},
    ChoiceWords{"criterion", "batch_norm", QT_TRANSLATE_NOOP("StepText", "Batch norm scales")},
    ChoiceWords{"criterion", "fisher", QT_TRANSLATE_NOOP("StepText", "Loss, second order (Fisher)")},
    ChoiceWords{"criterion", "geometric_median", QT_TRANSLATE_NOOP("StepText", "Geometric median")},
    ChoiceWords{"criterion", "lamp", QT_TRANSLATE_NOOP("StepText", "LAMP")},
    ChoiceWords{"criterion", "mean_activation", QT_TRANSLATE_NOOP("StepText", "Mean activation")},
    ChoiceWords{"criterion", "taylor", QT_TRANSLATE_NOOP("StepText", "Loss, first order (Taylor)")},
    ChoiceWords{"criterion", "l1", QT_TRANSLATE_NOOP("StepText", "L1 norm")},
    ChoiceWords{"criterion", "l2", QT_TRANSLATE_NOOP("StepText", "L2 norm")},
    ChoiceWords{"criterion", "random", QT_TRANSLATE_NOOP("StepText", "Random")},
    ChoiceWords{"criterion", "sparsegpt", QT_TRANSLATE_NOOP("StepText", "SparseGPT")},
    ChoiceWords{"criterion", "wanda", QT_TRANSLATE_NOOP("StepText", "Wanda (inputs)")},
    ChoiceWords{"distill.features", "attention", QT_TRANSLATE_NOOP("StepText", "Attention")},
    ChoiceWords{"distill.features", "fitnets", QT_TRANSLATE_NOOP("StepText", "Values (FitNets)")},
    ChoiceWords{"distill.features", "none", QT_TRANSLATE_NOOP("StepText", "None")},
    ChoiceWords{"distill.features", "similarity", QT_TRANSLATE_NOOP("StepText", "Similarity")},
    ChoiceWords{"distill.outputs", "auto", QT_TRANSLATE_NOOP("StepText", "Automatic")},
    ChoiceWords{"distill.outputs", "difference", QT_TRANSLATE_NOOP("StepText", "Difference (MSE)")},
    ChoiceWords{"distill.outputs", "divergence", QT_TRANSLATE_NOOP("StepText", "Divergence (KL)")},
    ChoiceWords{"from", "batch_norm", QT_TRANSLATE_NOOP("StepText", "Batch norms (no data)")},
    ChoiceWords{"from", "data", QT_TRANSLATE_NOOP("StepText", "Samples")},
    ChoiceWords{"granularity", "channel", QT_TRANSLATE_NOOP("StepText", "Per channel")},
    ChoiceWords{"granularity", "group", QT_TRANSLATE_NOOP("StepText", "Per group of channels")},
    ChoiceWords{"granularity", "tensor", QT_TRANSLATE_NOOP("StepText", "Per tensor")},
    ChoiceWords{"loss", "auto", QT_TRANSLATE_NOOP("StepText", "By the labels")},
    ChoiceWords{"loss", "dice", QT_TRANSLATE_NOOP("StepText", "Dice")},
    ChoiceWords{"loss", "huber", QT_TRANSLATE_NOOP("StepText", "Huber")},
    ChoiceWords{"optimizer", "adamw", QT_TRANSLATE_NOOP("StepText", "AdamW")},
    ChoiceWords{"optimizer", "lamb", QT_TRANSLATE_NOOP("StepText", "LAMB")},
    ChoiceWords{"optimizer", "sgd", QT_TRANSLATE_NOOP("StepText", "SGD")},
    ChoiceWords{"precision", "bfloat16", QT_TRANSLATE_NOOP("StepText", "BFloat16 (AMX)")},
    ChoiceWords{"precision", "float32", QT_TRANSLATE_NOOP("StepText", "Float32")},
    ChoiceWords{"schedule", "constant", QT_TRANSLATE_NOOP("StepText", "Constant")},
    ChoiceWords{"schedule", "cosine", QT_TRANSLATE_NOOP("StepText", "Cosine")},
    ChoiceWords{"schedule", "one_cycle", QT_TRANSLATE_NOOP("StepText", "One cycle")},
    ChoiceWords{"schedule", "step", QT_TRANSLATE_NOOP("StepText", "In steps")},
    ChoiceWords{"method", "channel", QT_TRANSLATE_NOOP("StepText", "Filters, 1x1")},
    ChoiceWords{"method", "channel_in_front", QT_TRANSLATE_NOOP("StepText", "1x1, filters")},
    ChoiceWords{"method", "spatial", QT_TRANSLATE_NOOP("StepText", "Spatial (kx1, 1xk)")},
    ChoiceWords{"method", "tucker", QT_TRANSLATE_NOOP("StepText", "Tucker")},
    ChoiceWords{"method", "cp", QT_TRANSLATE_NOOP("StepText", "CP (depthwise)")},
    ChoiceWords{"ratio_of", "channels", QT_TRANSLATE_NOOP("StepText", "Channels")},
    ChoiceWords{"ratio_of", "latency", QT_TRANSLATE_NOOP("StepText", "Latency (measured)")},
    ChoiceWords{"ratio_of", "macs", QT_TRANSLATE_NOOP("StepText", "MACs")},
    ChoiceWords{"ratio_of", "parameters", QT_TRANSLATE_NOOP("StepText", "Parameters")},
    ChoiceWords{"scope", "global", QT_TRANSLATE_NOOP("StepText", "All layers together")},
    ChoiceWords{"scope", "layer", QT_TRANSLATE_NOOP("StepText", "Each layer")},
    ChoiceWords{"target", "parameters", QT_TRANSLATE_NOOP("StepText", "Parameters")},
    ChoiceWords{"target", "macs", QT_TRANSLATE_NOOP("StepText", "MACs")},
    ChoiceWords{"target", "energy", QT_TRANSLATE_NOOP("StepText", "Energy")},
    ChoiceWords{"target", "rank", QT_TRANSLATE_NOOP("StepText", "Number")},
    ChoiceWords{"targets", "activations", QT_TRANSLATE_NOOP("StepText", "Activations only")},
    ChoiceWords{"targets", "both", QT_TRANSLATE_NOOP("StepText", "Both")},
    ChoiceWords{"targets", "weights", QT_TRANSLATE_NOOP("StepText", "Weights only")},
    ChoiceWords{"weights.calibrator", "minmax", QT_TRANSLATE_NOOP("StepText", "Min-max")},
    ChoiceWords{"weights.calibrator", "mse", QT_TRANSLATE_NOOP("StepText", "Least error (MSE)")},
    ChoiceWords{"weights.granularity", "channel", QT_TRANSLATE_NOOP("StepText", "Per channel")},
    ChoiceWords{"weights.granularity", "tensor", QT_TRANSLATE_NOOP("StepText", "Per tensor")},
    ChoiceWords{"weights.scheme", "affine", QT_TRANSLATE_NOOP("StepText", "Affine")},
    ChoiceWords{"weights.scheme", "symmetric", QT_TRANSLATE_NOOP("StepText", "Symmetric")},
};

bool isBits(std::string_view key) { return key.ends_with("bits"); }

/// One entry of a summary; nothing for what goes without saying.
QString entry(const steps::ParameterSpec& spec, const base::Json& value) {
    if (spec.key == "bits") return StepText::tr("%n bits", nullptr, value.get<int>());
    if (spec.key == "epochs") return StepText::tr("%n epochs", nullptr, value.get<int>());
    if (spec.key == "learning_rate") return StepText::tr("rate %1").arg(valueText(spec, value));
    if (spec.key == "samples") return StepText::tr("%n samples", nullptr, value.get<int>());
    return valueText(spec, value);
}

/// Shown even when it is the default: what one asks about a step first.
bool isEssential(std::string_view key) {
    constexpr std::array essential = {"ratio",        "share",       "criterion",           "epochs",    "learning_rate", "bits",
                                      "weights.bits", "granularity", "weights.granularity", "calibrator"};
    return std::find(essential.begin(), essential.end(), key) != essential.end();
}

/// "conv2 30 %", "fc3 float".
QString layerEntry(const steps::StepSpec& spec, const std::string& layer, const base::Json& settings) {
    QStringList values;
    for (const steps::ParameterSpec& parameter : spec.parameters) {
        std::string path = "/" + parameter.key;
        std::replace(path.begin(), path.end(), '.', '/');
        const base::Json::json_pointer pointer(path);
        if (!settings.contains(pointer)) continue;
        const base::Json& value = settings.at(pointer);
        if (parameter.key == "keep")
            values << (value == "float" ? StepText::tr("float") : StepText::tr("quantized"));
        else if (parameter.key == "skip")
            values << (value == true ? StepText::tr("left out") : StepText::tr("included"));
        else
            values << valueText(parameter, value);
    }
    return toQt(layer) % u' ' % values.join(u' ');
}

/// Does the override do nothing but leave the layer out?
bool onlyLeavesOut(const base::Json& settings) {
    return settings == base::Json{{"keep", "float"}} || settings == base::Json{{"skip", true}};
}

/// The rule of the step and what is set for single layers: each by itself while these are few.
QStringList layerEntries(const steps::StepSpec& spec, const steps::Step& step, const std::vector<std::string>& layerNames) {
    constexpr std::size_t most = 4, shown = 3;
    QStringList entries;
    const auto single = static_cast<std::size_t>(
        std::count_if(step.layers.begin(), step.layers.end(), [](const auto& layer) { return onlyLeavesOut(layer.second); }));
    const bool areCounted = single > most || (!step.where.empty() && !layerNames.empty());
    if (!step.where.empty() && layerNames.empty()) entries << ruleText(step.where);
    if (areCounted) {
        const steps::Step bound = steps::bound(step, layerNames);
        const auto out = layerNames.empty()
                             ? static_cast<int>(single)
                             : static_cast<int>(std::count_if(layerNames.begin(), layerNames.end(),
                                                              [&](const std::string& name) { return bound.leavesOut(name); }));
        const QString count = StepText::tr("%n left out", nullptr, out);
        //: A rule and how many layers it leaves out: "all but the first and last: 2 left out"
        entries << (step.where.empty() ? count : StepText::tr("%1: %2").arg(ruleText(step.where), count));
    }
    std::vector<std::pair<std::string, base::Json>> listed;
    for (const auto& layer : step.layers) {
        if (!areCounted || !onlyLeavesOut(layer.second)) listed.push_back(layer);
    }
    const std::size_t count = listed.size() > most ? shown : listed.size();
    for (std::size_t index = 0; index < count; ++index)
        entries << layerEntry(spec, listed[index].first, listed[index].second);
    if (count < listed.size()) entries << StepText::tr("%n more layers", nullptr, static_cast<int>(listed.size() - count));
    return entries;
}

} // namespace

QString title(std::string_view op) {
    const StepWords* words = wordsOf(op);
    return words ? StepText::tr(words->title) : toQt(op);
}

QString description(std::string_view op) {
    const StepWords* words = wordsOf(op);
    return words ? StepText::tr(words->description) : QString();
}

QString groupTitle(std::string_view op) {
    const StepWords* words = wordsOf(op);
    return words ? StepText::tr(words->group) : QString();
}

QString ruleText(const steps::Where& where) {
    if (where.empty()) return StepText::tr("all");
    QStringList taken, added;
    bool isMixed = false;
    for (const std::string& entry : where) {
        const bool takesAway = entry.starts_with('!');
        isMixed = isMixed || (!takesAway && !taken.isEmpty());
        const std::string pattern = takesAway ? entry.substr(1) : entry;
        const QString words = pattern == "first"  ? StepText::tr("the first", "layer of the model")
                              : pattern == "last" ? StepText::tr("the last", "layer of the model")
                                                  : toQt(pattern);
        (takesAway ? taken : added) << words;
    }
    if (isMixed) return toQt(where).join(QStringLiteral(", ")); // their order matters: as it is written
    if (where == steps::Where{"!first", "!last"}) return StepText::tr("all but the first and last");
    const QString comma = StepText::tr(", ", "between the entries of a list");
    if (added.isEmpty()) return StepText::tr("all but %1").arg(taken.join(comma));
    if (taken.isEmpty()) return StepText::tr("only %1").arg(added.join(comma));
    return StepText::tr("only %1, but not %2").arg(added.join(comma), taken.join(comma));
}

QString summary(const steps::Step& step, const std::vector<std::string>& layerNames) {
    const steps::StepSpec* spec = steps::findStepSpec(step.op);
    if (!spec) return {};
    QStringList entries;
    for (const steps::ParameterSpec& parameter : spec->parameters) {
        const base::Json value = step.parameter(parameter.key);
        if (parameter.key == "keep" || parameter.key == "skip") continue;
        if (isEssential(parameter.key) || value != parameter.defaultValue) entries << entry(parameter, value);
    }
    entries << layerEntries(*spec, step, layerNames);
    if (!entries.isEmpty()) return entries.join(QStringLiteral(" · "));
    const StepWords* words = wordsOf(step.op);
    return words && *words->brief ? StepText::tr(words->brief) : description(step.op);
}

QString parameterLabel(std::string_view key) {
    const auto* found = std::find_if(parameterWords.begin(), parameterWords.end(), [&](const KeyWords& words) { return words.key == key; });
    return found == parameterWords.end() ? toQt(key) : StepText::tr(found->label);
}

QString sectionTitle(std::string_view key) {
    if (key.starts_with("augment.")) return StepText::tr("Augmentation");
    return key.starts_with("distill.") ? StepText::tr("Distillation") : QString();
}

QString choiceLabel(std::string_view key, const base::Json& choice) {
    if (isBits(key) && choice.is_number_integer()) return QStringLiteral("int%1").arg(choice.get<int>());
    const std::string text = choice.is_string() ? choice.get<std::string>() : choice.dump();
    const auto* found = std::find_if(choiceWords.begin(), choiceWords.end(),
                                     [&](const ChoiceWords& words) { return words.key == key && words.choice == text; });
    return found == choiceWords.end() ? toQt(text) : StepText::tr(found->label);
}

QString valueText(const steps::ParameterSpec& spec, const base::Json& value) {
    switch (spec.kind) {
    case steps::ParameterKind::Boolean:
        return value == true ? StepText::tr("on") : StepText::tr("off");
    case steps::ParameterKind::Choice:
        return choiceLabel(spec.key, value);
    case steps::ParameterKind::Number:
        if (!value.is_number()) break;
        return isRatio(spec) ? percentText(value.get<double>(), 0) : settingText(value.get<double>());
    case steps::ParameterKind::Integer:
        if (!value.is_number_integer()) break;
        return countText(value.get<std::int64_t>());
    case steps::ParameterKind::Text:
        break;
    }
    return value.is_string() ? toQt(value.get<std::string>()) : toQt(value.dump());
}

bool isRatio(const steps::ParameterSpec& spec) { return spec.kind == steps::ParameterKind::Number && spec.key == "ratio"; }

} // namespace lathe::views::step_text
