#include <core/graph/name_table.h>

#include <random>
#include <unordered_set>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

TEST(NameTable, TellsWhatIsThereAlready) {
    const std::string empty, a = "a", again = "a", longer = "a name that is not within its string";
    NameTable names;
    EXPECT_TRUE(names.insert(a));
    EXPECT_FALSE(names.insert(again)) << "the same letters in another place";
    EXPECT_TRUE(names.insert(empty));
    EXPECT_FALSE(names.insert(empty));
    EXPECT_TRUE(names.insert(longer));
    EXPECT_EQ(names.size(), 3U);
}

/// With memory for all of them, for some and for none.
TEST(NameTable, IsTheSetOfTheStandardLibrary) {
    std::mt19937 random(1);
    std::vector<std::string> all;
    for (int i = 0; i < 20'000; ++i)
        all.push_back("block" + std::to_string(random() % 9'000) + ".attention.query");
    for (const std::size_t room : {0U, 100U, 20'000U}) {
        NameTable names(room);
        std::unordered_set<std::string> expected;
        for (const std::string& name : all)
            ASSERT_EQ(names.insert(name), expected.insert(name).second) << name << " with room for " << room;
        EXPECT_EQ(names.size(), expected.size());
    }
}

} // namespace
} // namespace lathe::graph
