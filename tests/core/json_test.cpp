#include "core/json_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace keratin {
namespace {

TEST(Json, NumbersThatAreNotFiniteAreReadAndWrittenAsPythonDoes) {
  const std::string text = R"({"a":[Infinity,-Infinity,{"b":NaN}],"c":1.5})";
  const Json json = parse_json(text, "test");
  EXPECT_EQ(json["a"][0].get<double>(), HUGE_VAL);
  EXPECT_EQ(json["a"][1].get<double>(), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(json["a"][2]["b"].get<double>()));
  EXPECT_EQ(json_text(json), text);
  EXPECT_EQ(json_text(parse_json(" NaN", "test")), "NaN");
}

TEST(Json, StringsWithTheirNamesStayStrings) {
  for (const char* text : {R"({"NaN":"NaN","a":["-Infinity","say \"Infinity\" NaN \\"]})",
                           R"(["\\\"Infinity\\",-Infinity,"\\","Infinity"])"})
    EXPECT_EQ(json_text(parse_json(text, "test")), text);
}

TEST(Json, WritesAsciiIfAskedTo) {
  const Json json = {"é", HUGE_VAL};
  EXPECT_EQ(json_text(json), "[\"é\",Infinity]");
  EXPECT_EQ(json_text(json, true), "[\"\\u00e9\",Infinity]");
}

TEST(Json, OtherWordsAreErrors) {
  for (const char* text : {"nan", "Infinit", "--Infinity", "[NaN NaN]", "1Infinity", "InfinityNaN",
                           "{NaN: 1}", "\"NaN", ""})
    EXPECT_THROW(parse_json(text, "test"), Error) << text;
}

}  // namespace
}  // namespace keratin
