// The program's commands. Each throws std::exception, whose message is for the user.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cli {

struct TrainOptions {
  std::string data, target;
  std::string model;                       // architecture as JSON; else `dense`
  std::vector<std::int64_t> dense{10, 5};  // widths of hidden layers
  std::string optimizer = "adam", loss, save, log;
  std::vector<std::string> metrics;
  double learning_rate = 0;  // 0: the optimizer's own
  std::int64_t epochs = 100, batch_size = 32;
  double validation_split = 0, hold_out = 0;
  std::int64_t seed = -1;  // below 0: none
  bool quiet = false;
};
void train(const TrainOptions& options);

void evaluate(const std::string& model, const std::string& data, const std::string& target,
              std::int64_t batch_size);
void predict(const std::string& model, const std::string& data, const std::string& target,
             std::int64_t batch_size);
// Writes the model with int8 weights; with a calibration table, with fixed scales, too. With a
// target in that table, what this does to loss and metrics is shown.
void quantize(const std::string& model, const std::string& out, const std::string& calibration,
              const std::string& target, double percentile);
void summary(const std::string& model, int width);
// Draws its graph into an SVG file.
void plot(const std::string& model, const std::string& picture);

// All classes of a kind with a line each, or one of them in full.
void list_classes(const std::string& kind, const std::string& name);

}  // namespace cli
