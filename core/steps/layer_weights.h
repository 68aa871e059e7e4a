#pragma once

#include <set>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/steps/parameters.h>
#include <core/steps/step_outcome.h>
#include <core/transform/quantize/quantizer.h>

namespace lathe::steps {

/// What static, dynamic, weight-only and half quantization have in common: which layers, and their weights.

/// Names of the convolution and linear layers of the main block that the step quantizes, in execution order. Not: layers with "keep":
/// "float", layers that are quantized already or whose weight is computed, layers in the branches of control flow; each is noted.
[[nodiscard]] std::vector<std::string> layersToQuantize(StepOutcome& outcome, const Step& step);

/// Quantizes the weights of these layers as "weights.*" says, those of `reduced` layers to 7 bits at most. Per layer: loss, sqnr_db, bits.
/// Rejected for NaN weights, naming the layer.
[[nodiscard]] base::Result<> quantizeWeights(StepOutcome& outcome, const Step& step, const std::vector<std::string>& layers,
                                             const base::Job& job, const std::set<std::string>& reduced = {});

/// Weights of an operator that is no layer: the table of an embedding, the matrices of a recurrent layer.
struct StoredWeights {
    std::string name;                    ///< of the node
    std::vector<graph::ValueId> weights; ///< floats, each once
};
/// Embeddings of the main block whose table is quantized, in execution order. One that is told to stay float is noted.
[[nodiscard]] std::vector<StoredWeights> embeddingsToQuantize(StepOutcome& outcome, const Step& step);
/// Recurrent layers (LSTM, GRU, plain) of the main block likewise.
[[nodiscard]] std::vector<StoredWeights> recurrentLayersToQuantize(StepOutcome& outcome, const Step& step);

/// Quantizes the tables of embeddings in the main block, one scale for each row where the step has one for each channel: most of a small
/// language model is its table. The file gets smaller; the rows are restored once when the model is loaded. Returns how many there were.
[[nodiscard]] base::Result<std::size_t> quantizeEmbeddings(StepOutcome& outcome, const Step& step, const base::Job& job);

/// Stores the matrices of recurrent layers (LSTM, GRU, plain) in the main block as integers, one scale for each row where the step has one
/// for each channel. The file gets smaller; they are restored once when the model is loaded, and the layer computes in float: integer
/// kernels for them exist neither here nor in ONNX. Each is noted. Returns how many layers there were.
[[nodiscard]] base::Result<std::size_t> quantizeRecurrentLayers(StepOutcome& outcome, const Step& step, const base::Job& job);

/// "activations.range": the integers that activations use. 0..255, or 0..127 for Reduced. With Auto the weights that are multiplied with
/// activations take 7 of their 8 bits on a CPU without VNNI, where sums of two products would saturate (quantization/pair_sums.h): weights
/// have a scale for each channel and lose less than activations, and no format has to say more than a scale for them.
enum class RangeChoice { Auto, Full, Reduced };
/// The parameter of the steps that quantize activations.
[[nodiscard]] constexpr WordChoice<RangeChoice, 3> activationRangeParameter(Reach reach) {
    using Word = std::pair<std::string_view, RangeChoice>;
    return {"activations.range",
            {Word{"auto", RangeChoice::Auto}, Word{"full", RangeChoice::Full}, Word{"reduced", RangeChoice::Reduced}},
            reach};
}
[[nodiscard]] quantization::IntegerRange integersOf(RangeChoice range);
/// Says that the weights of these layers take 7 bits on this CPU; nothing for none, or where they take fewer anyway.
void noteReducedWeights(StepOutcome& outcome, const std::set<std::string>& reduced);
/// Do 8-bit weights that are multiplied with such activations take 7 bits?
[[nodiscard]] bool reducesWeights(RangeChoice range, bool cpuHasVnni);

/// "keep" of a layer.
[[nodiscard]] ParameterSpec keepParameter();
/// "weights.…" and "keep": the parameters that the three have in common.
[[nodiscard]] std::vector<ParameterSpec> weightParameters();
/// "int8": the bits of the weights.
[[nodiscard]] std::string bitsText(const Step& step);

} // namespace lathe::steps
