#include "training/progress.h"

#include <limits>

#include "training/callbacks/text.h"
#include "training/support.h"

namespace keratin::testing {
namespace {

double number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

TEST(Progbar, WritesWhatKerasWrites) {
  for (const Json& run : reference()["progress"]) {
    Progbar bar(run[0].get<std::int64_t>(), run[1].get<int>(), 100.0);
    for (const Json& update : run[2]) {
      Logs logs;
      for (const Json& entry : update[1]) {
        logs.emplace_back(entry[0].get<std::string>(), std::vector<double>{});
        for (const Json& value : entry[1]) logs.back().second.push_back(number(value));
      }
      EXPECT_EQ(bar.update(update[0].get<std::int64_t>(), logs, update[2].get<bool>(),
                           update[3].get<double>()),
                update[4].get<std::string>());
    }
  }
}

std::string text_of_fit(int verbose, std::int64_t epochs) {
  const ModelPtr model = dense_model({8, 3, 1});
  compile(model, compile_config());
  std::string text;
  FitOptions options;
  options.batch_size = 10;
  options.epochs = epochs;
  options.verbose = verbose;
  options.validation_split = 0.2;
  options.print = [&](const std::string& piece) { text += piece; };
  fit(model, binary_data(50), options);
  return text;
}

TEST(ProgbarLogger, DrawsABarForEachEpoch) {
  const std::string text = text_of_fit(1, 2);
  EXPECT_TRUE(text.starts_with("Epoch 1/2\n\r\x1b[1m1/4\x1b[0m \x1b[32m━━━━━\x1b[0m")) << text;
  EXPECT_NE(text.find("\x1b[1m4/4\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m"), std::string::npos);
  EXPECT_NE(text.find("Epoch 2/2\n"), std::string::npos);
  const std::size_t accuracy = text.find(" - accuracy: "), val_loss = text.find(" - val_loss: ");
  EXPECT_LT(accuracy, val_loss);
  EXPECT_NE(val_loss, std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

TEST(ProgbarLogger, WritesALineForEachEpochWithVerbose2) {
  const std::string text = text_of_fit(2, 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  EXPECT_TRUE(text.starts_with("Epoch 1/2\n4/4 - 0s - ")) << text;
}

TEST(ProgbarLogger, SaysNothingUnasked) { EXPECT_EQ(text_of_fit(0, 2), ""); }

TEST(ProgbarLogger, LeavesOutTheTitleOfAnOnlyEpoch) {
  EXPECT_EQ(text_of_fit(2, 1).find("Epoch"), std::string::npos);
}

TEST(ProgbarLogger, ShowsEvaluationAndPrediction) {
  const ModelPtr model = dense_model({8, 3, 1});
  compile(model, compile_config());
  std::string text;
  EvaluateOptions options;
  options.verbose = 2;
  options.batch_size = 4;
  options.print = [&](const std::string& piece) { text += piece; };
  evaluate(model, binary_data(10), options);
  EXPECT_TRUE(text.starts_with("3/3 - 0s - ")) << text;
  EXPECT_NE(text.find(" - accuracy: "), std::string::npos);
  text.clear();
  PredictOptions predicting;
  predicting.verbose = 1;
  predicting.print = options.print;
  predict(model, binary_data(64).x, predicting);
  EXPECT_NE(text.find("2/2"), std::string::npos) << text;
}

TEST(FillIn, WritesWhatPythonWrites) {
  for (const Json& run : reference()["paths"]) {
    Logs logs;
    for (const Json& entry : run[1])
      logs.emplace_back(entry[0].get<std::string>(), entry[1].get<std::vector<double>>());
    EXPECT_EQ(fill_in(run[0].get<std::string>(), 7, -1, logs), run[2].get<std::string>());
  }
}

TEST(FillIn, RefusesWhatItCannotFillIn) {
  const Logs logs = {{"loss", {1.0}}};
  const auto refused = [&](const char* form, std::initializer_list<const char*> parts) {
    expect_error([&] { fill_in(form, 1, -1, logs); }, Code::kInvalidArgument, parts);
  };
  refused("{val_loss}.keras", {"val_loss", "epoch, loss"});
  refused("{batch}.keras", {"'batch'"});
  refused("{epoch.keras", {"'{' without '}'"});
  refused("epoch}.keras", {"'}' without '{'"});
  refused("{loss:d}.keras", {"'d'"});
  refused("{loss:.999f}.keras", {".999f"});
  refused("{loss:999999999999f}.keras", {"999999999999f"});
  refused("{loss:s}.keras", {"'s'"});
  refused("{epoch:%n}.keras", {"%n"});
  EXPECT_EQ(fill_in("{epoch}-{batch:03d}", 2, 17, logs), "2-017");
}

TEST(NumberText, IsPythons) {
  for (const char* text : {"0.1", "1e-05", "3.0", "-0.0", "123456.789", "1e+16", "0.0001",
                           "9007199254740991.0", "1.5e-07", "nan", "inf", "-inf"})
    EXPECT_EQ(number_text(std::strtod(text, nullptr)), text);
}

}  // namespace
}  // namespace keratin::testing
