#include "io/csv.h"

#include <cmath>

#include "expect_error.h"

namespace keratin::io {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, QuotesSeparatorsAndLineBreaks) {
  const CsvTable t =
      parse_csv("a,\"b, c\",d\r\n1,\"say \"\"hi\"\"\",\"two\nlines\"\n,,\n", "t.csv");
  EXPECT_EQ(t.columns, (std::vector<std::string>{"a", "b, c", "d"}));
  EXPECT_EQ(t.rows, (Rows{{"1", "say \"hi\"", "two\nlines"}, {"", "", ""}}));
  EXPECT_EQ(t.lines, (std::vector<std::size_t>{2, 4}));
  EXPECT_EQ(t.column("d"), 2u);
}

TEST(Csv, LastLineMayLackItsEndAndBlankLinesAreNothing) {
  EXPECT_EQ(parse_csv("\xEF\xBB\xBF"
                      "a,b\n\n1,2\n\n3,4",
                      "t")
                .rows,
            (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(parse_csv("a\n1\n\n", "t").rows, (Rows{{"1"}}));
  EXPECT_TRUE(parse_csv("a,b\n", "t").rows.empty());
}

TEST(Csv, Numbers) {
  const CsvTable t = parse_csv("x\n1\n -2.5e3 \n+.5\n0x\nnan\n1e-60\n1e60\n", "t.csv");
  const CsvTable good = parse_csv("x\n1\n -2.5e3 \n+.5\nnan\n1e-60\n-1e60\n", "t.csv");
  const std::vector<float> n = good.numbers(0);
  ASSERT_EQ(n.size(), 6u);
  EXPECT_EQ(n[0], 1);
  EXPECT_EQ(n[1], -2500);
  EXPECT_EQ(n[2], 0.5f);
  EXPECT_TRUE(std::isnan(n[3]));
  EXPECT_EQ(n[4], 0);
  EXPECT_EQ(n[5], -INFINITY);
  EXPECT_ERROR(t.numbers(0), Code::kInvalidArgument,
               "t.csv, line 5: expected a number in column 'x', got '0x'");
  EXPECT_ERROR(parse_csv("x,y\n1,\n", "t").numbers(1), Code::kInvalidArgument, "line 2");
  EXPECT_ERROR(t.numbers(1), Code::kInvalidArgument, "no column 1 of 1");
}

TEST(Csv, ErrorsNameFileAndLine) {
  EXPECT_ERROR(parse_csv("", "t.csv"), Code::kCorrupt, "t.csv: is empty");
  EXPECT_ERROR(parse_csv("a,b\n1,2\n3\n", "t.csv"), Code::kCorrupt,
               "t.csv, line 3: expected 2 cells as in the header, got 1");
  EXPECT_ERROR(parse_csv("a\n\"x\n\n", "t"), Code::kCorrupt, "line 2: a quote is not closed");
  EXPECT_ERROR(parse_csv("a\n\"x\"y\n", "t"), Code::kCorrupt, "line 2: text after a closing quote");
  EXPECT_ERROR(parse_csv("a,b\n", "t.csv").column("c"), Code::kNotFound,
               "no column 'c'; it has a, b");
}

}  // namespace
}  // namespace keratin::io
