#include <views/models/engine_text.h>

#include <vector>

#include <QCoreApplication>
#include <QRegularExpression>

#include <views/models/text.h>

namespace lathe::views {

namespace {

constexpr const char* context = "EngineText";

// NOLINTBEGIN(bugprone-suspicious-missing-comma): two are longer than a line
/// Longer sentences stand before those that they begin with.
constexpr const char* sentences[] = {

    // Notes on steps
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is not quantized: its weight is computed in the model."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is already quantized."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is kept in float: it stands in a branch or loop."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is kept in float."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" shares a weight that is already quantized."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" stays float: dynamic quantization is for linear layers."),
    QT_TRANSLATE_NOOP("EngineText", "Activations use 7 bits (0..127): this CPU has no VNNI."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is skipped."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" stays float: static quantization is for convolutions and linear layers."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" keeps all its weights: none of them is among those that go."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" stays as it is: the weights that go are zero already."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" keeps its %2 channel: %3."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" keeps its %2 channels: %3."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" keeps %2 of %3 channels: %4."),
    QT_TRANSLATE_NOOP("EngineText", "it is coupled with \"%1\", which is skipped"),
    QT_TRANSLATE_NOOP("EngineText", "it is coupled with \"%1\", whose ratio is %2"),
    QT_TRANSLATE_NOOP("EngineText", "its ratio is 0 %"),
    QT_TRANSLATE_NOOP("EngineText", "no layer can do without any"),
    QT_TRANSLATE_NOOP("EngineText", "their number is rounded up to a multiple of %1"),
    QT_TRANSLATE_NOOP("EngineText", "only a part of the channels of another layer would go with it"),
    QT_TRANSLATE_NOOP("EngineText", "The rule of the step leaves %1 of %2 layers out."),
    QT_TRANSLATE_NOOP("EngineText", "no layer fits \"%1\"; nearest: \"%2\""),
    QT_TRANSLATE_NOOP("EngineText", "no layer fits \"%1\""),
    QT_TRANSLATE_NOOP("EngineText", "\"where\" leaves every layer out"),
    QT_TRANSLATE_NOOP("EngineText", "The rule of the step leaves \"%1\" out."),
    QT_TRANSLATE_NOOP("EngineText", "the shapes of \"%1\" are not known"),
    QT_TRANSLATE_NOOP("EngineText", "the shape of \"%1\" is not known"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is an output of the model"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is an input of the model"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is already quantized"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is used in several places"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" is a grouped convolution"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" sums over the channels"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" spreads the channels over several dimensions"),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" (%2) may mix channels"),
    QT_TRANSLATE_NOOP("EngineText", "the weight of \"%1\" is computed in the model"),
    QT_TRANSLATE_NOOP("EngineText", "channels are coupled through \"%1\""),
    QT_TRANSLATE_NOOP("EngineText", "different channels meet in \"%1\""),
    // Steps that changed nothing
    QT_TRANSLATE_NOOP("EngineText",
                      "No channel was removed: the shapes of the model are not known. Choose data, so that Lathe can find them."),
    QT_TRANSLATE_NOOP("EngineText", "No channel was removed."),
    QT_TRANSLATE_NOOP("EngineText", "No weight was set to zero."),
    QT_TRANSLATE_NOOP("EngineText", "No layer was quantized."),
    QT_TRANSLATE_NOOP("EngineText",
                      "Nothing to fold: no batch normalization stands directly behind a convolution or linear layer of its own."),
    QT_TRANSLATE_NOOP("EngineText", "Nothing to fuse: no ReLU stands directly behind a convolution of its own."),
    QT_TRANSLATE_NOOP("EngineText", "Nothing to fuse: no ReLU stands directly behind a linear layer of its own."),
    QT_TRANSLATE_NOOP("EngineText", "Nothing to compute: every operator depends on the input."),
    QT_TRANSLATE_NOOP("EngineText", "Nothing to remove: every operator is needed."),
    QT_TRANSLATE_NOOP("EngineText", "Nothing is trained: the learning rate is 0."),
    QT_TRANSLATE_NOOP("EngineText", "The model has no parameters to train."),
    QT_TRANSLATE_NOOP("EngineText", "The ranges of activations were found with random input: they mean nothing for real data."),
    QT_TRANSLATE_NOOP("EngineText", "Constants are computed when the recipe runs."),
    QT_TRANSLATE_NOOP("EngineText", "\"%1\" cannot be computed ahead: %2"),
    QT_TRANSLATE_NOOP("EngineText", "Continued after epoch %1 of an interrupted run."),
    QT_TRANSLATE_NOOP("EngineText", "Taken over from an earlier run of the same step."),
    // Notes on files
    QT_TRANSLATE_NOOP("EngineText", "The file has schema version %1; Lathe knows %2."),
    QT_TRANSLATE_NOOP("EngineText", "The size %1 is at least %2 and at most %3."),
    QT_TRANSLATE_NOOP("EngineText", "The size %1 is at least %2."),
    QT_TRANSLATE_NOOP("EngineText", "%1 name has more than %2 bytes and is cut; the numbers behind them keep them apart."),
    QT_TRANSLATE_NOOP("EngineText", "%1 names have more than %2 bytes and are cut; the numbers behind them keep them apart."),
    QT_TRANSLATE_NOOP("EngineText",
                      "The model is quantized already: %1 of %2 layer has integer weights. Quantization steps leave these as they are; "
                      "open the float model to quantize it in another way."),
    QT_TRANSLATE_NOOP("EngineText",
                      "The model is quantized already: %1 of %2 layers have integer weights. Quantization steps leave these as they are; "
                      "open the float model to quantize it in another way."),
    // Why a kernel
    QT_TRANSLATE_NOOP("EngineText", "no integer kernel takes this value"),
    QT_TRANSLATE_NOOP("EngineText", "only the weights are quantized: they are restored once, the arithmetic is float"),
    QT_TRANSLATE_NOOP("EngineText", "its weights are not quantized: the arithmetic is float"),
    QT_TRANSLATE_NOOP("EngineText", "no integer kernel for %1: the arithmetic is float"),
    QT_TRANSLATE_NOOP("EngineText", "its quantization is not of a form that integer kernels have: the arithmetic is float"),
    QT_TRANSLATE_NOOP("EngineText", "the weight is restored once, when the plan is made"),
    QT_TRANSLATE_NOOP("EngineText", "FBGEMM's 16-bit sums could saturate on this CPU"),
    QT_TRANSLATE_NOOP("EngineText", "FBGEMM has no kernel for a layer of this form"),
    QT_TRANSLATE_NOOP("EngineText", "this CPU has no VNNI: sums of 16-bit products are exact and as fast"),
    // Speed
    QT_TRANSLATE_NOOP("EngineText", "Lathe's FP32 plan"),
    QT_TRANSLATE_NOOP("EngineText", "Lathe's plan of the original"),
    QT_TRANSLATE_NOOP("EngineText", "%1 of %2 calls were disturbed by other programs (%3 cores busy)."),
    QT_TRANSLATE_NOOP("EngineText", "%1 of %2 calls were disturbed by other machines on the same host (%3 % of the CPU time was stolen)."),
    QT_TRANSLATE_NOOP("EngineText", "%1 of %2 calls were disturbed by heat: the processor was slowed down."),
    QT_TRANSLATE_NOOP("EngineText", "%1 of %2 calls were disturbed."),
    // Data sets
    QT_TRANSLATE_NOOP("EngineText", "Fashion-MNIST: 60 000 training and 10 000 test pictures of clothes, ten classes"),
    QT_TRANSLATE_NOOP("EngineText", "Fashion-MNIST subset: 3 000 training and 1 000 test pictures, shipped with Lathe"),
    QT_TRANSLATE_NOOP("EngineText", "Random input: for everything but accuracy, when there is no data"),
    // What a judge of an export found
    QT_TRANSLATE_NOOP("EngineText", "Its outputs have shape %1, not %2."),
    QT_TRANSLATE_NOOP("EngineText", "Some of its outputs are not numbers (NaN or infinity)."),
    QT_TRANSLATE_NOOP("EngineText",
                      "Layers that run in float in ONNX Runtime and PyTorch because their results are added as float: %1. Set the "
                      "residual branches to \"Integer (exports)\" to run them in integers."),
    QT_TRANSLATE_NOOP("EngineText", "This CPU has no VNNI: integer kernels of PyTorch and ONNX Runtime saturate on 8-bit activations. Set "
                                    "the integer range to \"Reduced (7 bits)\" or \"Automatic\" to keep them exact."),
};
// NOLINTEND(bugprone-suspicious-missing-comma)

struct Pattern {
    const char* sentence;
    QRegularExpression expression;
};

const std::vector<Pattern>& patterns() {
    static const std::vector<Pattern> known = [] {
        static const QRegularExpression place(QStringLiteral("\\\\%\\d"));
        std::vector<Pattern> made;
        for (const char* sentence : sentences) {
            const QString words = QRegularExpression::escape(QString::fromUtf8(sentence)).replace(place, QStringLiteral("(.+)"));
            made.push_back({sentence, QRegularExpression(QRegularExpression::anchoredPattern(words))});
        }
        return made;
    }();
    return known;
}

} // namespace

QString engineText(const QString& sentence) {
    // Sentences with an error's whole story are longer; matching those would only cost time.
    constexpr qsizetype longest = 2000;
    if (sentence.size() > longest) return sentence;
    for (const Pattern& pattern : patterns()) {
        const QRegularExpressionMatch match = pattern.expression.match(sentence);
        if (!match.hasMatch()) continue;
        QString translated = QCoreApplication::translate(context, pattern.sentence);
        QStringList parts = match.capturedTexts().sliced(1);
        for (QString& part : parts)
            part = engineText(part); // a reason within a sentence
        // All at once: a name may hold "%2" itself.
        switch (parts.size()) {
        case 0:
            return translated;
        case 1:
            return translated.arg(parts[0]);
        case 2:
            return translated.arg(parts[0], parts[1]);
        case 3:
            return translated.arg(parts[0], parts[1], parts[2]);
        default:
            return translated.arg(parts[0], parts[1], parts[2], parts[3]);
        }
    }
    return sentence;
}

QString engineText(const std::string& sentence) { return engineText(toQt(sentence)); }

QStringList knownEngineSentences() {
    QStringList known;
    for (const char* sentence : sentences)
        known << QString::fromUtf8(sentence);
    return known;
}

} // namespace lathe::views
