#include <core/quantization/bias_units.h>

#include <cmath>

#include <core/graph/operators/arithmetic.h>
#include <core/quantization/qdq.h>

namespace lathe::quantization {

std::optional<std::vector<float>> biasUnits(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& layer,
                                            const graph::WeightInfo& weight, std::int64_t count) {
    const auto input = graph::mainInput(layer);
    const graph::Node* restored = input ? uses.producer(*input) : nullptr;
    if (restored == nullptr || weight.dequantize == nullptr) return std::nullopt;
    const auto inputGrid = tensorGridOf(*restored);
    const auto weightGrid = gridOf(*weight.dequantize);
    if (!inputGrid || !weightGrid || weightGrid->isDynamic) return std::nullopt;
    const auto numbers = numbersOf(graph, *weight.dequantize, count);
    if (!numbers || (numbers->scales.size() != 1 && static_cast<std::int64_t>(numbers->scales.size()) != count)) return std::nullopt;
    std::vector<float> units;
    for (std::int64_t at = 0; at < count; ++at)
        units.push_back(static_cast<float>(inputGrid->scale) *
                        numbers->scales[numbers->scales.size() == 1 ? 0 : static_cast<std::size_t>(at)]);
    return units;
}

std::optional<std::vector<std::int32_t>> inUnits(std::span<const float> bias, std::span<const float> units) {
    constexpr float most = 2147483520.0F; // the largest float below 2^31
    std::vector<std::int32_t> result;
    for (std::size_t at = 0; at < bias.size(); ++at) {
        const float integer = std::nearbyint(bias[at] / units[at]);
        if (!(std::abs(integer) <= most)) return std::nullopt;
        result.push_back(static_cast<std::int32_t>(integer));
    }
    return result;
}

} // namespace lathe::quantization
