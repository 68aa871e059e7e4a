#include <algorithm>
#include <iterator>

#include <core/base/translatable.h>
#include <core/history/figure_member.h>
#include <core/history/figures.h>

namespace lathe::history {

namespace {

using base::translatable;
using Format = FigureFormat;

template<class Find>
constexpr auto ofLayer(Find find) {
    return member<measure::LayerFigures>(find);
}

// One row each; the manual of the fields is in the header.
constexpr Figure all[] = {
    {.name = "parameters",
     .json = "parameters",
     .csv = "parameters",
     .group = FigureGroup::Size,
     .words = translatable("Figure", "Parameters"),
     .better = Better::Lower,
     .format = Format::Count,
     .in = ofLayer([](auto& layer) -> auto& { return layer.parameters; }),
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 0,
     .isOfWeights = true},
    {.name = "macs",
     .json = "macs",
     .csv = "macs",
     .group = FigureGroup::Size,
     .words = translatable("Figure", "MACs"),
     .better = Better::Lower,
     .format = Format::Count,
     .in = ofLayer([](auto& layer) -> auto& { return layer.macs; }),
     .explanation = translatable("Figure", "Multiply-accumulates for one sample"),
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 0},
    {.name = "bits",
     .json = "bits",
     .csv = "bits",
     .group = FigureGroup::Size,
     .words = translatable("Figure", "Bits"),
     .better = Better::Lower,
     .format = Format::Count,
     .in = ofLayer([](auto& layer) -> auto& { return layer.bits; }),
     .isMain = true,
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 1,
     .most = 64,
     .isOfWeights = true},
    {.name = "sparsity",
     .json = "sparsity",
     .csv = "sparsity",
     .group = FigureGroup::Size,
     .words = translatable("Figure", "Sparsity"),
     .better = Better::Higher,
     .format = Format::Fraction,
     .in = ofLayer([](auto& layer) -> auto& { return layer.sparsity; }),
     .explanation = translatable("Figure", "The share of the weights that are zero"),
     .isAlwaysInJson = true,
     .isColumn = true,
     .least = 0,
     .most = 1,
     .isOfWeights = true},
    {.name = "loss",
     .json = "loss",
     .csv = "loss",
     .words = translatable("Figure", "½‖θ−θ̂‖²"),
     .better = Better::Lower,
     .in = ofLayer([](auto& layer) -> auto& { return layer.loss; }),
     .explanation = translatable(
         "Figure", "Half of the squared distance of the layer's weights from those of the original; a removed weight is a zero. "
                   "What fine-tuning moves does not count."),
     .isMain = true,
     .isAlwaysInJson = true,
     .isColumn = true,
     .isOfWeights = true},
    {.name = "loss_pruned",
     .json = "loss_parts.pruned",
     .csv = "loss_pruned",
     .words = translatable("Figure", "Pruned"),
     .better = Better::Lower,
     .in = ofLayer([](auto& layer) -> auto& { return layer.lossParts.pruned; }),
     .explanation = translatable("Figure", "The part of it that the removed weights weighed"),
     .isMain = true,
     .isColumn = true,
     .isOfWeights = true},
    {.name = "loss_weights",
     .json = "loss_parts.weights",
     .csv = "loss_weights",
     .words = translatable("Figure", "Rounding"),
     .better = Better::Lower,
     .in = ofLayer([](auto& layer) -> auto& { return layer.lossParts.weights; }),
     .explanation = translatable("Figure", "The part of it that the rounding of the remaining weights makes"),
     .isMain = true,
     .isColumn = true,
     .isOfWeights = true},
    {.name = "sqnr_db",
     .json = "sqnr_db",
     .csv = "sqnr_db",
     .words = translatable("Figure", "SQNR"),
     .unit = "dB",
     .better = Better::Higher,
     .format = Format::Decibels,
     .in = ofLayer([](auto& layer) -> auto& { return layer.sqnrDb; }),
     .explanation = translatable("Figure", "The weights of the original against all of their error"),
     .isMain = true,
     .isAlwaysInJson = true,
     .isColumn = true,
     .isOfWeights = true},
    {.name = "activations_sqnr_db",
     .json = "activations_sqnr_db",
     .csv = "activations_sqnr_db",
     .words = translatable("Figure", "SQNR of input"),
     .unit = "dB",
     .better = Better::Higher,
     .format = Format::Decibels,
     .in = ofLayer([](auto& layer) -> auto& { return layer.activationsSqnrDb; }),
     .explanation =
         translatable("Figure", "What the layer reads against the error of its rounding, measured on test samples in the last run"),
     .isMain = true,
     .isColumn = true,
     .isOfRun = true},
    {.name = "p50_us",
     .json = "p50_us",
     .csv = "p50_us",
     .group = FigureGroup::Speed,
     .words = translatable("Figure", "Time"),
     .better = Better::Lower,
     .format = Format::Microseconds,
     .in = ofLayer([](auto& layer) -> auto& { return layer.p50Us; }),
     .explanation = translatable("Figure", "Median time in the last run; the rows add up to the median call"),
     .isMain = true,
     .isColumn = true,
     .doubt = FigureDoubt::Latency,
     .isOfRun = true},
    {.name = "limit_share",
     .json = "limit_share",
     .csv = "limit_share",
     .group = FigureGroup::Speed,
     .words = translatable("Figure", "Of the limit"),
     .better = Better::Higher,
     .format = Format::Fraction,
     .in = ofLayer([](auto& layer) -> auto& { return layer.limitShare; }),
     .explanation = translatable(
         "Figure", "How close the time is to the least that this machine's arithmetic and memory allow for the work (roofline): at 100 % "
                   "nothing can be gained without doing less"),
     .isMain = true,
     .doubt = FigureDoubt::Latency,
     .least = 0,
     .isOfRun = true},
};

} // namespace

std::span<const Figure> layerFigures() { return all; }

std::span<const Figure> lossPartFigures() {
    const auto isPart = [](const Figure& figure) { return figure.json.starts_with("loss_parts."); };
    const auto first = std::ranges::find_if(all, isPart);
    return {first, std::ranges::find_if_not(first, std::end(all), isPart)};
}

} // namespace lathe::history
