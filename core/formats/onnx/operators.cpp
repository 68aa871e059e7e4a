#include <core/formats/onnx/operators.h>

#include <algorithm>
#include <unordered_map>

#include <core/formats/onnx/sequence.h>
#include <core/formats/onnx/vision.h>

namespace lathe::formats::onnx {

Lower findOperator(std::string_view domain, std::string_view name) {
    static const auto table = [] {
        std::unordered_map<std::string_view, Lower> all;
        for (const auto group :
             {arithmeticOperators, activationOperators,  convolutionOperators,  poolingOperators,   normalizationOperators,
              shapeOperators,      sliceOperators,       paddingOperators,      indexingOperators,  reductionOperators,
              matrixOperators,     generatorOperators,   resizeOperators,       attentionOperators, recurrentOperators,
              signalOperators,     controlFlowOperators, quantizationOperators, sequenceOperators,  visionOperators}) {
            for (const OperatorEntry& entry : group())
                all.emplace(entry.name, entry.lower);
        }
        return all;
    }();
    if (!domain.empty() && domain != "ai.onnx") return nullptr;
    const auto found = table.find(name);
    return found == table.end() ? nullptr : found->second;
}

std::int64_t clampIndex(std::int64_t index, std::int64_t count) {
    return std::clamp<std::int64_t>(index < 0 ? index + count : index, 0, count);
}

} // namespace lathe::formats::onnx
