#include <core/data/csv.h>

#include <gtest/gtest.h>

namespace lathe::data {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, QuotesSeparatorsAndLineBreaks) {
    const auto table = parseCsv("a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n,3\n", "t.csv");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->columns, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(table->rows, (Rows{{"x,\"y\"", "two\nlines"}, {"", "3"}}));
}

TEST(Csv, SemicolonsTabsAndByteOrderMark) {
    EXPECT_EQ(parseCsv("\xef\xbb\xbf"
                       "a;b\n1,5;2\n",
                       "t")
                  .value()
                  .rows,
              (Rows{{"1,5", "2"}}));
    EXPECT_EQ(parseCsv("a\tb\n1\t\n", "t").value().rows, (Rows{{"1", ""}}));
    EXPECT_EQ(parseCsv("a,b\n1,2\n\n3,4", "t").value().rows, (Rows{{"1", "2"}, {"3", "4"}})) << "empty lines are skipped";
    EXPECT_EQ(parseCsv("a,b\n1,", "t").value().rows, (Rows{{"1", ""}}));
}

TEST(Csv, SaysWhereItIsBroken) {
    const std::pair<std::string, std::string> wrong[] = {
        {"", "t.csv, line 1: the header is missing."},
        {"a,a\n", "t.csv, line 1: two columns are called \"a\"."},
        {"a,b\n1,2\n1,2,3\n", "t.csv, line 3: there are 3 cells, but the header has 2."},
        {"a,b\n\"1\n2\",\"3\n", "t.csv, line 3: a quote is opened and never closed."},
        {"a,b\n\"1\"2,3\n", "t.csv, line 2: text follows a closing quote."},
        {std::string("a\0b", 3), "t.csv is not text: it holds NUL bytes."},
    };
    for (const auto& [text, sentence] : wrong) {
        const auto table = parseCsv(text, "t.csv");
        ASSERT_FALSE(table) << sentence;
        EXPECT_EQ(table.error().text(), sentence);
    }
}

} // namespace
} // namespace lathe::data
