#include <core/graph/operators/integers.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/operators/operator.h>

namespace lathe::graph {
namespace {

TEST(Integers, CurvesAreFunctionsOfOneTensor) {
    int curves = 0;
    for (const Operator& known : operators()) {
        const auto curve = curveOf(known.name);
        if (!curve) continue;
        ++curves;
        const auto tensors = std::ranges::count_if(known.operands, [](const OperandRole& role) { return role.type.starts_with("Tensor"); });
        EXPECT_TRUE(tensors == 1 && known.channels == ChannelRule::Keeps && !known.isRandom) << known.name;
        EXPECT_LT(curve->low, 0) << known.name;
        EXPECT_GT(curve->high, 0) << known.name;
    }
    EXPECT_EQ(curves, 13) << "each is an operator that the table knows";
    EXPECT_FALSE(curveOf("aten::silu_") || curveOf("aten::relu6") || curveOf("aten::softmax.int"));
}

TEST(Integers, LayersAreWhatTheRuntimeHas) {
    EXPECT_TRUE(hasIntegerLayer("aten::conv2d") && hasIntegerLayer("aten::linear") && hasIntegerLayer("lathe::conv2d_relu"));
    EXPECT_FALSE(hasIntegerLayer("aten::conv1d") || hasIntegerLayer("aten::silu"));
    for (const std::string_view op : {op::tableBytes, op::sumBytes, op::productBytes, op::meanBytes, op::concatenateBytes, op::mul, op::cat,
                                      op::meanDim, op::adaptiveAvgPool2d})
        EXPECT_TRUE(findOperator(op)) << op;
}

} // namespace
} // namespace lathe::graph
