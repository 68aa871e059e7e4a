#include <core/layout/node_detail.h>

#include <gtest/gtest.h>

namespace lathe::layout {

TEST(NodeDetail, ShortOp) {
    EXPECT_EQ(shortOp("aten::add.Tensor"), "add");
    EXPECT_EQ(shortOp("aten::relu"), "relu");
    EXPECT_EQ(shortOp("lathe::conv2d_relu"), "conv2d + relu");
    EXPECT_EQ(shortOp("prim::If"), "If");
    EXPECT_EQ(shortOp("quantized_decomposed::quantize_per_tensor.tensor"), "quantize_per_tensor");
    EXPECT_EQ(shortOp(""), "");
}

TEST(NodeDetail, ShapesMayBeSymbolicOrUnknown) {
    graph::Value value;
    EXPECT_EQ(shapeText(value), "");
    value.shape = std::vector<graph::Dim>{{-1, "N"}, {3, ""}, {-1, ""}};
    EXPECT_EQ(shapeText(value), "Nx3x?");
    EXPECT_EQ(dtypeText(value), "");
    value.dtype = tensor::DType::Int8;
    EXPECT_EQ(dtypeText(value), "int8");
}

} // namespace lathe::layout
