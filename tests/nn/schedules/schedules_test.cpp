// Learning rates step by step, against Keras' (tests/nn/make_steps.py).
#include <gmock/gmock.h>

#include <set>

#include "nn/harness.h"
#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

TEST(Schedules, RatesAreKeras) {
  const Json file = test::stored("nn_steps.json");
  const auto steps = file["schedule_steps"].get<std::vector<std::int64_t>>();
  std::set<std::string> seen;
  for (const Json& c : file["schedules"]) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    seen.insert(c["name"].get<std::string>());
    const SchedulePtr schedule = test::make<Schedule>(c["name"], c["arguments"]);
    EXPECT_EQ(serialize(schedule.get()), c["form"]);
    EXPECT_EQ(serialize(deserialize_as<Schedule>(c["form"]).get()), c["form"]);
    std::vector<float> rates;
    for (const std::int64_t step : steps) rates.push_back(float(schedule->at(step)));
    test::expect_near(Tensor::of<float>({std::int64_t(rates.size())}, rates), c["values"], 5e-7);
  }
  for (const ClassInfo* info : list_classes("schedules"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

TEST(Schedules, RefuseWhatMakesNoSense) {
  const auto refused = [](const char* name, const Json& config, const char* part) {
    EXPECT_THAT(
        test::message_of(Code::kInvalidArgument, [&] { test::make<Schedule>(name, config); }),
        testing::HasSubstr(part));
  };
  refused("CosineDecay", {{"initial_learning_rate", 0.1}}, "decay_steps");
  refused("CosineDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 0}}, "decay_steps");
  refused("PiecewiseConstantDecay", {{"boundaries", {1, 2}}, {"values", {0.1, 0.2}}}, "values");
}

}  // namespace
}  // namespace keratin
