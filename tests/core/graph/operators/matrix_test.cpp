#include <core/graph/operators/matrix.h>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

std::vector<std::string_view> rolesOf(const std::string& op) {
    Node node;
    node.op = op;
    return factorRoles(node);
}

TEST(Matrix, FactorsAreWhatIsMultiplied) {
    using Roles = std::vector<std::string_view>;
    EXPECT_EQ(rolesOf("aten::matmul"), (Roles{"self", "other"}));
    EXPECT_EQ(rolesOf("aten::bmm"), (Roles{"self", "mat2"}));
    EXPECT_EQ(rolesOf("aten::scaled_dot_product_attention"), (Roles{"query", "key", "value"}));
    EXPECT_EQ(rolesOf("aten::mul.Tensor"), Roles{});
    EXPECT_EQ(rolesOf("somebody::matmul"), Roles{});
}

} // namespace
} // namespace lathe::graph
