#include <core/base/unique_names.h>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

TEST(UniqueNames, GivesTheFirstFreeNumber) {
    UniqueNames names;
    EXPECT_TRUE(names.insert("relu_2"));
    EXPECT_FALSE(names.insert("relu_2"));
    EXPECT_EQ(names.take("relu"), "relu");
    EXPECT_EQ(names.take("relu"), "relu_1");
    EXPECT_EQ(names.take("relu"), "relu_3");
    EXPECT_EQ(names.take("relu_1"), "relu_1_1");
    EXPECT_FALSE(names.isFree("relu_3"));
    EXPECT_TRUE(names.isFree("relu_4"));
}

TEST(UniqueNames, AReleasedNameIsFreeAgain) {
    UniqueNames names;
    EXPECT_EQ(names.take("fc.weight"), "fc.weight");
    names.release("fc.weight");
    EXPECT_TRUE(names.isFree("fc.weight"));
    EXPECT_EQ(names.take("fc.weight"), "fc.weight");
    EXPECT_EQ(names.take("fc.weight"), "fc.weight_1");
}

} // namespace
} // namespace lathe::base
