#include <core/graph/operators/conversion.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>

namespace lathe::graph {
namespace {

TEST(Conversion, TellsTheDtypeThatItWasMadeFor) {
    using tensor::DType;
    for (const DType dtype : {DType::UInt8, DType::Int8, DType::Int16, DType::Int32, DType::Int64, DType::Float16, DType::Float32,
                              DType::Float64, DType::Bool, DType::BFloat16}) {
        Graph graph;
        const ValueId input = graph.addInput("x");
        EXPECT_EQ(conversionDtype(graph.addNode(std::string(op::toDtype), "to", conversionOperands(input, dtype))), dtype);
    }
    Graph graph;
    const ValueId input = graph.addInput("x");
    EXPECT_FALSE(conversionDtype(graph.addNode("aten::relu", "relu", {input})));
    EXPECT_FALSE(conversionDtype(graph.addNode(std::string(op::toDtype), "complex", {input, Literal(std::int64_t{9})})));
    EXPECT_FALSE(conversionDtype(graph.addNode(std::string(op::toDtype), "computed", {input, input})));
}

} // namespace
} // namespace lathe::graph
