#include <core/transform/factorize/filters.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

TEST(Filters, HaveOneOrderForAllLayers) {
    const tensor::Tensor plain = support::randomTensor({6, 2, 3, 5}, 1);
    const Filters filters = filtersOf(plain, 2, false);
    EXPECT_EQ(filters.outputs, 3);
    EXPECT_EQ(filters.inputs, 2);
    EXPECT_EQ(filters.parameters(), plain.elementCount());
    EXPECT_EQ(filters.values, plain.toFloats());
    EXPECT_EQ(filters.group(1)[0], plain.toFloats()[90]);
    EXPECT_TRUE(weightOf(filters, false).sameContent(plain));

    const tensor::Tensor transposed = support::randomTensor({6, 2, 3, 5}, 2); // [groups · inputs, outputs, …]
    const Filters turned = filtersOf(transposed, 2, true);
    EXPECT_EQ(turned.outputs, 2);
    EXPECT_EQ(turned.inputs, 3);
    for (std::size_t group : {0U, 1U}) {
        for (std::size_t output : {0U, 1U}) {
            for (std::size_t input : {0U, 1U, 2U})
                EXPECT_EQ(turned.values[((group * 2 + output) * 3 + input) * 15 + 4],
                          transposed.toFloats()[((group * 3 + input) * 2 + output) * 15 + 4]);
        }
    }
    EXPECT_TRUE(weightOf(turned, true).sameContent(transposed));
    EXPECT_EQ(filtersOf(support::randomTensor({4, 3}, 3), 1, false).kernelSize(), 1) << "a linear layer";
}

} // namespace
} // namespace lathe::transform
