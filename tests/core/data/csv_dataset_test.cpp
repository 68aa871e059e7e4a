#include <core/data/csv_dataset.h>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::data {
namespace {

using tensor::Tensor;

class CsvDataset : public ::testing::Test {
protected:
    base::Result<std::shared_ptr<const Dataset>> open(const std::string& text, const recipe::Preprocessing& preprocessing = {}) {
        EXPECT_TRUE(base::writeFile(m_folder.path() / "credit.csv", text));
        return openCsvDataset(m_folder.path() / "credit.csv", preprocessing);
    }
    base::TemporaryFolder m_folder;
};

constexpr const char* credit = "Id,Amount,Purpose,Class\n"
                               "1,10,car,Good\n2,20,tv,Bad\n3,30,car,Good\n4,40,radio,Good\n5,50,tv,Bad\n";

TEST_F(CsvDataset, RolesOfColumns) {
    const auto data = open(credit, {.ignored = {"Id"}});
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->classes(), (std::vector<std::string>{"Bad", "Good"}));
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{2}));
    EXPECT_EQ((*data)->size(Split::Train), 4);
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(Tensor::of<float>({1, 2}, {50, 2}))) << "tv is the third purpose";
    EXPECT_TRUE((*data)->labels(Split::Train, 0, 4).sameContent(Tensor::of<std::int64_t>({4}, {1, 0, 1, 1})));
}

TEST_F(CsvDataset, AnotherLabelAndStandardizedColumns) {
    const auto data = open(credit, {.mean = {20, 0, 0}, .deviation = {10, 1, 1}, .label = "Purpose", .ignored = {"Id"}});
    ASSERT_FALSE(data) << "two columns are left, not three";
    const auto two = open(credit, {.mean = {20, 0}, .deviation = {10, 1}, .label = "Purpose", .ignored = {"Id"}});
    ASSERT_TRUE(two) << two.error().text();
    EXPECT_TRUE((*two)->samples(Split::Test, 0, 1).sameContent(Tensor::of<float>({1, 2}, {3, 0})));
}

TEST_F(CsvDataset, TokensStayIntegers) {
    const auto data = open("t0,t1,label\n5,7,0\n8,9,3\n", {.integers = true});
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_TRUE((*data)->samples(Split::Train, 0, 2).sameContent(Tensor::of<std::int64_t>({2, 2}, {5, 7, 8, 9})));
    EXPECT_TRUE((*data)->classes().empty()) << "whole numbers are the classes themselves";
}

TEST_F(CsvDataset, ClassesThatAreNoWholeNumbersAreNumbered) {
    const auto data = open("x,y\n1,-1\n2,1\n3,-1\n");
    ASSERT_TRUE(data);
    EXPECT_EQ((*data)->classes(), (std::vector<std::string>{"-1", "1"}));
    EXPECT_TRUE((*data)->labels(Split::Train, 0, 3).sameContent(Tensor::of<std::int64_t>({3}, {0, 1, 0})));
}

TEST_F(CsvDataset, SaysWhatIsWrongAndWhere) {
    const std::tuple<std::string, recipe::Preprocessing, std::string> wrong[] = {
        {"a,b\n", {}, "credit.csv: there are no rows."},
        {"b\n1\n", {}, "credit.csv: no column is left for the model to see."},
        {"a,b\n1,0\n,1\n", {}, "credit.csv: the cell in row 2, column \"a\" is empty."},
        {"a,b\n1,0\nx,1\n", {}, "credit.csv: \"x\" in row 2, column \"a\" is not a number."},
        {"a,b\n1e999,0\n1,1\n", {.label = "A"}, "credit.csv: there is no column \"A\"; the nearest is \"a\"."},
    };
    for (const auto& [text, preprocessing, sentence] : wrong) {
        const auto data = open(text, preprocessing);
        ASSERT_FALSE(data) << sentence;
        EXPECT_EQ(data.error().text(), sentence);
    }
}

} // namespace
} // namespace lathe::data
