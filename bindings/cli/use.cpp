#include <cinttypes>
#include <cstdio>
#include <stdexcept>

#include "commands.h"
#include "tabular_model.h"

namespace cli {

void evaluate(const std::string& file, const std::string& data, const std::string& target,
              std::int64_t batch_size) {
  kt::Model model = kt::Model::load(file);
  if (!model.is_compiled())
    throw std::runtime_error(file + ": the model was saved without loss and metrics");
  const Table table = read_table(data);
  const Column& column = table.column(target);
  const Task task = task_of(column);
  const std::vector<kt::Tensor> x = inputs_for(model, table, target);
  const std::vector<kt::Tensor> y = targets_for(column, task);
  for (const auto& [key, values] : model.evaluate(kt::Data(x, y), batch_size))
    std::printf("%s: %.6g\n", key.c_str(), values[0]);
}

void predict(const std::string& file, const std::string& data, const std::string& target,
             std::int64_t batch_size) {
  const kt::Model model = kt::Model::load(file, false);
  const Table table = read_table(data);
  const std::vector<kt::Tensor> x = inputs_for(model, table, target);
  std::vector<kt_tensor*> inputs, outputs(model.output_count());
  for (const kt::Tensor& tensor : x) inputs.push_back(tensor.get());
  kt_predict_options options = KT_PREDICT_OPTIONS_INIT;
  options.batch_size = batch_size;
  kt::check(kt_model_predict(model.get(), inputs.data(), inputs.size(), &options, outputs.data(),
                             outputs.size()));
  const std::vector<kt::Tensor> results(outputs.begin(), outputs.end());
  std::string header;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::int64_t width = results[i].size() / static_cast<std::int64_t>(table.rows);
    for (std::int64_t k = 0; k < width; ++k)
      header += (header.empty() ? "" : ",") + model.output(i).name() +
                (width > 1 ? "_" + std::to_string(k) : "");
  }
  std::printf("%s\n", header.c_str());
  for (std::size_t row = 0; row < table.rows; ++row) {
    bool first = true;
    for (const kt::Tensor& result : results) {
      const std::int64_t width = result.size() / static_cast<std::int64_t>(table.rows);
      const float* values = result.data<float>() + static_cast<std::int64_t>(row) * width;
      for (std::int64_t k = 0; k < width; ++k) {
        std::printf("%s%.9g", first ? "" : ",", static_cast<double>(values[k]));
        first = false;
      }
    }
    std::printf("\n");
  }
}

void summary(const std::string& file, int width) {
  const kt::Model model = kt::Model::load(file);
  std::printf("%s", model.summary(width).c_str());
  std::printf("Weights: %016" PRIx64 "\n", model.weights_hash());
}

}  // namespace cli
