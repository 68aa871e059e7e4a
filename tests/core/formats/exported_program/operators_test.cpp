#include <core/formats/exported_program/operators.h>

#include <gtest/gtest.h>

#include <core/formats/import_report.h>

namespace lathe::formats {
namespace {

using graph::TypeKind;

TEST(ExportedOperators, AreNamedAsTheDispatcherDoes) {
    EXPECT_EQ(operatorName("torch.ops.aten.conv2d.default", {}), "aten::conv2d");
    EXPECT_EQ(operatorName("torch.ops.aten.add.Tensor", {}), "aten::add.Tensor");
    EXPECT_EQ(operatorName("torch.ops.aten.sym_size.int", {}), "aten::size.int");
    EXPECT_EQ(operatorName("torch.ops.quantized_decomposed.quantize_per_tensor.tensor", {}),
              "quantized_decomposed::quantize_per_tensor.tensor");
    EXPECT_EQ(operatorName("torch.ops.higher_order.while_loop", {}), "higher_order::while_loop");
    EXPECT_EQ(operatorName("_operator.mul", {TypeKind::Int, TypeKind::Int}), "aten::mul.int");
    EXPECT_EQ(operatorName("_operator.mul", {TypeKind::Int, TypeKind::Float}), "aten::mul");
    EXPECT_EQ(operatorName("torch.ops.", {}), "torch.ops.");
    EXPECT_EQ(operatorName("nonsense", {}), "nonsense");
}

TEST(ExportedOperators, OfSizesAllExistInTorchScript) {
    for (const char* name :
         {"add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "pos", "pow", "eq", "ne", "lt", "le", "gt", "ge", "and_", "or_"}) {
        for (const TypeKind kind : {TypeKind::Int, TypeKind::Float}) {
            const std::string op = operatorName(std::string("_operator.") + name, {kind, kind});
            EXPECT_TRUE(checkOperator(op)) << op;
        }
    }
    for (const char* target : {"math.trunc", "math.floor", "math.ceil", "torch.sym_int", "torch.sym_float", "torch.sym_max",
                               "torch.sym_min", "torch.sym_not", "torch.sym_sum", "torch.sym_sqrt"})
        EXPECT_TRUE(checkOperator(operatorName(target, {TypeKind::Int}))) << target;
}

TEST(ExportedOperators, HaveTheirNameBack) {
    for (const char* target :
         {"torch.ops.aten.conv2d.default", "torch.ops.aten.add.Tensor", "torch.ops.aten.sym_size.int", "_operator.floordiv"})
        EXPECT_EQ(targetName(operatorName(target, {TypeKind::Int})), target);
    EXPECT_FALSE(targetName("prim::If"));
    EXPECT_FALSE(targetName("lathe::conv2d_relu"));
    EXPECT_TRUE(isOnlyCheck("torch.ops.aten._assert_scalar.default"));
    EXPECT_FALSE(isOnlyCheck("torch.ops.aten.relu.default"));
}

} // namespace
} // namespace lathe::formats
