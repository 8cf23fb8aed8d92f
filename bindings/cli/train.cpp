#include <unistd.h>

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "commands.h"
#include "tabular_model.h"

namespace cli {
namespace {

using Json = nlohmann::json;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read '" + path + "'");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A name as it is; text that begins like JSON as that.
Json name_or_json(const std::string& text) {
  return !text.empty() && text[0] == '{' ? Json::parse(text) : Json(text);
}

Json compile_config(const TrainOptions& options, const Task& task) {
  Json optimizer = name_or_json(options.optimizer);
  if (options.learning_rate > 0) {
    if (!optimizer.is_string())
      throw std::runtime_error("--learning-rate goes with an optimizer by name");
    optimizer = {{"class_name", optimizer}, {"config", {{"learning_rate", options.learning_rate}}}};
  }
  Json metrics = Json::array();
  for (const std::string& metric : options.metrics) metrics.push_back(metric);
  if (metrics.empty()) metrics.push_back(task.metric());
  return {{"optimizer", optimizer},
          {"loss", options.loss.empty() ? Json(task.loss()) : name_or_json(options.loss)},
          {"metrics", metrics}};
}

std::vector<kt::Tensor> rows_of(const std::vector<kt::Tensor>& tensors, std::int64_t begin,
                                std::int64_t end) {
  std::vector<kt::Tensor> parts;
  for (const kt::Tensor& tensor : tensors) parts.push_back(tensor.rows(begin, end));
  return parts;
}

void print_text(const char* text) {
  std::fputs(text, stdout);
  std::fflush(stdout);
}

}  // namespace

void train(const TrainOptions& options) {
  if (!options.save.empty() && !options.save.ends_with(".keras"))
    throw std::runtime_error("--save: expected a name that ends in '.keras', got '" + options.save +
                             "'");
  if (options.seed >= 0) kt_set_random_seed(static_cast<std::uint64_t>(options.seed));
  const Table table = read_table(options.data);
  const Column& target = table.column(options.target);
  const Task task = task_of(target);
  if (!task.classes.empty() && !options.quiet) {
    std::string line = "Classes:";
    for (std::size_t i = 0; i < task.classes.size(); ++i)
      line += " " + std::to_string(i) + "=" + task.classes[i];
    std::printf("%s\n", line.c_str());
  }

  kt::Model model = options.model.empty() ? dense_model(table, options.target, options.dense, task)
                                          : kt::Model::from_json(read_text(options.model));
  const std::vector<kt::Tensor> x = inputs_for(model, table, options.target);
  const std::vector<kt::Tensor> y = targets_for(target, task);
  const auto rows = static_cast<std::int64_t>(table.rows);
  const auto held_out = static_cast<std::int64_t>(std::floor(rows * options.hold_out));
  if (rows - held_out < 1) throw std::runtime_error("--hold-out leaves no rows to train on");
  const auto x_train = rows_of(x, 0, rows - held_out), y_train = rows_of(y, 0, rows - held_out);
  if (!options.model.empty()) {
    if (!model.is_built()) model.build(x[0].shape());
    adapt_to(model, x_train);
  }
  model.compile(compile_config(options, task).dump());

  kt::FitOptions fit;
  fit.epochs = options.epochs;
  fit.batch_size = options.batch_size;
  fit.validation_split = options.validation_split;
  fit.verbose = options.quiet ? 0 : isatty(STDOUT_FILENO) ? 1 : 2;
  fit.printer = print_text;
  if (!options.log.empty())
    fit.callback_list.emplace_back("CSVLogger", Json{{"filename", options.log}}.dump());
  model.fit(kt::Data(x_train, y_train), std::move(fit));

  if (held_out > 0) {
    const auto x_test = rows_of(x, rows - held_out, rows);
    const auto y_test = rows_of(y, rows - held_out, rows);
    std::printf("Held out, %" PRId64 " rows:", held_out);
    for (const auto& [key, values] : model.evaluate(kt::Data(x_test, y_test), options.batch_size))
      std::printf(" %s: %.4f", key.c_str(), values[0]);
    std::printf("\n");
  }
  std::printf("Weights: %016" PRIx64 "\n", model.weights_hash());
  if (options.save.empty()) return;
  model.save(options.save);
  std::printf("Saved: %s\n", options.save.c_str());
}

}  // namespace cli
