#pragma once

#include <span>

#include <core/graph/operators/operator.h>

/// The rows of the table by family: for operators.cpp, which puts them together. Schemas are written as PyTorch prints them; a test holds
/// them against those that LibTorch registers.
namespace lathe::graph {

struct OperatorRow {
    std::string_view schema;
    OperatorFacts facts{};
};

struct FamilyRows {
    Family family;
    std::span<const OperatorRow> rows;
};

[[nodiscard]] FamilyRows convolutionRows();
[[nodiscard]] FamilyRows linearRows();
[[nodiscard]] FamilyRows matrixRows();
[[nodiscard]] FamilyRows embeddingRows();
[[nodiscard]] FamilyRows normalizationRows();
[[nodiscard]] FamilyRows poolingRows();
[[nodiscard]] FamilyRows activationRows();
[[nodiscard]] FamilyRows dropoutRows();
[[nodiscard]] FamilyRows arithmeticRows();
[[nodiscard]] FamilyRows comparisonRows();
[[nodiscard]] FamilyRows shapeRows();
[[nodiscard]] FamilyRows indexingRows();
[[nodiscard]] FamilyRows reductionRows();
[[nodiscard]] FamilyRows resizeRows();
[[nodiscard]] FamilyRows recurrentRows();
[[nodiscard]] FamilyRows attentionRows();
[[nodiscard]] FamilyRows randomRows();
[[nodiscard]] FamilyRows conversionRows();
[[nodiscard]] FamilyRows quantizationRows();
[[nodiscard]] FamilyRows controlFlowRows();
[[nodiscard]] FamilyRows structureRows();
[[nodiscard]] FamilyRows loweredRows();

} // namespace lathe::graph
