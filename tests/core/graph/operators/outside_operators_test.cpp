#include <core/graph/operators/outside_operators.h>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

TEST(ReachesOutside, IsTrueOfFilesAndOtherMachinesOnly) {
    for (const char* op : {"aten::save", "aten::from_file", "aten::from_file.out", "prim::rpc_async", "c10d::send",
                           "_c10d_functional::all_reduce", "_c10d_functional_autograd::all_to_all_single"})
        EXPECT_TRUE(reachesOutside(op)) << op;
    for (const char* op : {"aten::conv2d", "aten::native_batch_norm", "prim::If", "quantized::linear", "aten::add.Tensor"})
        EXPECT_FALSE(reachesOutside(op)) << op;
}

} // namespace
} // namespace lathe::graph
