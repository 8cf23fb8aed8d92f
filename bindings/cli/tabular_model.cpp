#include "tabular_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cli {
namespace {

using Json = nlohmann::json;

std::vector<const Column*> features(const Table& table, const std::string& target, bool numbers) {
  std::vector<const Column*> chosen;
  for (const Column& column : table.columns)
    if (column.name != target && column.is_number == numbers) chosen.push_back(&column);
  return chosen;
}

// [rows, columns] of numbers; missing ones become `means`, or not-a-number without any.
kt::Tensor side_by_side(const std::vector<const Column*>& columns, std::size_t rows,
                        const std::vector<float>& means) {
  std::vector<float> values;
  values.reserve(rows * columns.size());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < columns.size(); ++i) {
      float value = columns[i]->numbers[row];
      if (std::isnan(value) && !means.empty()) value = means[i];
      if (std::isnan(value))
        throw std::runtime_error("column '" + columns[i]->name + "', row " +
                                 std::to_string(row + 1) +
                                 ": the number is missing, and the model knows no mean for it");
      values.push_back(value);
    }
  const kt::Shape shape{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns.size())};
  return kt::Tensor(shape, std::move(values));
}

std::vector<float> means_of(const std::vector<const Column*>& columns) {
  std::vector<float> means;
  for (const Column* column : columns) {
    double sum = 0;
    std::size_t count = 0;
    for (const float number : column->numbers)
      if (!std::isnan(number)) sum += number, ++count;
    means.push_back(count ? static_cast<float>(sum / static_cast<double>(count)) : 0.0f);
  }
  return means;
}

// The means of the first Normalization layer, if there is one of this width.
std::vector<float> means_of(const kt::Model& model, std::size_t width) {
  for (const kt::Layer& layer : model.layers()) {
    if (layer.class_name() != "Normalization") continue;
    const std::vector<kt::Tensor> weights = layer.weights();
    if (weights.empty() || weights[0].size() != static_cast<std::int64_t>(width)) continue;
    const float* mean = weights[0].data<float>();
    return {mean, mean + width};
  }
  return {};
}

// Names of layers: letters, digits and underscores.
std::string layer_name(std::string column) {
  for (char& c : column)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return column.empty() ? "_" : column;
}

kt::Layer make(const char* class_name, const Json& config) {
  return kt::Layer(class_name, config.dump());
}

kt::Symbolic joined(std::vector<kt::Symbolic> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  const kt::Layer concatenate("Concatenate");
  std::vector<kt_symbolic*> handles;
  for (const kt::Symbolic& part : parts) handles.push_back(part.get());
  kt_symbolic* made;
  kt::check(kt_layer_call(concatenate.get(), handles.data(), handles.size(), KT_AS_RUN, &made, 1));
  return kt::Symbolic(made);
}

}  // namespace

const char* Task::loss() const {
  switch (kind) {
    case Kind::kBinary:
      return "binary_crossentropy";
    case Kind::kClasses:
      return "sparse_categorical_crossentropy";
    default:
      return "mean_squared_error";
  }
}

const char* Task::metric() const {
  return kind == Kind::kRegression ? "mean_absolute_error" : "accuracy";
}

Task task_of(const Column& target) {
  constexpr std::size_t kMostClasses = 20;  // of a column of whole numbers
  std::vector<std::string> classes = classes_of(target);
  bool whole = target.is_number;
  if (target.is_number)
    for (const float number : target.numbers) whole = whole && number == std::floor(number);
  if (target.is_number && (!whole || classes.size() > kMostClasses)) return {};
  if (classes.size() < 2)
    throw std::runtime_error("column '" + target.name + "' has one value only: '" + classes[0] +
                             "'");
  return {classes.size() == 2 ? Task::Kind::kBinary : Task::Kind::kClasses, std::move(classes)};
}

kt::Model dense_model(const Table& table, const std::string& target,
                      const std::vector<std::int64_t>& widths, const Task& task) {
  const auto numeric = features(table, target, true), text = features(table, target, false);
  if (numeric.empty() && text.empty())
    throw std::runtime_error("the table has no column beside '" + target + "'");
  std::vector<kt::Symbolic> inputs, parts;
  if (!numeric.empty()) {
    inputs.push_back(kt::input({static_cast<std::int64_t>(numeric.size())}, KT_FLOAT32, "numbers"));
    const kt::Layer normalization("Normalization");
    kt::check(kt_layer_adapt(normalization.get(),
                             side_by_side(numeric, table.rows, means_of(numeric)).get()));
    parts.push_back(normalization(inputs.back()));
  }
  for (const Column* column : text) {
    inputs.push_back(kt::input({1}, KT_STRING, layer_name(column->name)));
    const kt::Layer lookup = make("StringLookup", {{"output_mode", "one_hot"},
                                                   {"name", layer_name(column->name) + "_lookup"}});
    kt::check(kt_layer_adapt(lookup.get(), strings_of(*column).get()));
    parts.push_back(make("Rescaling", {{"scale", 1.0}})(lookup(inputs.back())));
  }
  kt::Symbolic x = joined(std::move(parts));
  for (const std::int64_t width : widths)
    x = make("Dense", {{"units", width}, {"activation", "relu"}})(x);
  const bool several = task.kind == Task::Kind::kClasses;
  x = make("Dense", {{"units", several ? task.classes.size() : 1},
                     {"activation", several                            ? "softmax"
                                    : task.kind == Task::Kind::kBinary ? "sigmoid"
                                                                       : "linear"}})(x);
  std::vector<kt_symbolic*> ends;
  for (const kt::Symbolic& input : inputs) ends.push_back(input.get());
  return kt::Model::functional(ends, {x.get()});
}

std::vector<kt::Tensor> targets_for(const Column& target, const Task& task) {
  std::vector<kt::Tensor> targets;
  targets.push_back(task.kind == Task::Kind::kRegression ? numbers_of(target)
                                                         : indices_of(target, task.classes));
  return targets;
}

void adapt_to(const kt::Model& model, const std::vector<kt::Tensor>& inputs) {
  const std::vector<kt::Layer> layers = model.layers();
  if (inputs.size() != 1 || layers.empty()) return;
  for (const kt::Layer& layer : layers) {
    if (layer.class_name() == "InputLayer") continue;
    const Json config = Json::parse(layer.config());
    if (layer.class_name() == "Normalization" && config.value("mean", Json()).is_null())
      kt::check(kt_layer_adapt(layer.get(), inputs[0].get()));
    return;  // the first layer alone sees the table as it is
  }
}

std::vector<kt::Tensor> inputs_for(const kt::Model& model, const Table& table,
                                   const std::string& target) {
  const auto numeric = features(table, target, true);
  std::vector<kt::Tensor> inputs;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, model.input_count()); ++i) {
    if (model.input_count() > 0 && model.input(i).dtype() == KT_STRING) {
      const std::string name = model.input(i).name();
      const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                      [&](const Column& c) { return layer_name(c.name) == name; });
      if (found == table.columns.end()) table.column(name);  // throws
      inputs.push_back(strings_of(*found));
      continue;
    }
    const std::vector<float> means = means_of(model, numeric.size());
    inputs.push_back(side_by_side(numeric, table.rows, means));
    if (model.input_count() == 0) continue;
    const kt::Shape wanted = model.input(i).shape();
    if (wanted.size() == 2 && wanted[1] >= 0 &&
        wanted[1] != static_cast<std::int64_t>(numeric.size())) {
      std::string names;
      for (const Column* column : numeric) names += (names.empty() ? "" : ", ") + column->name;
      throw std::runtime_error("the model takes " + std::to_string(wanted[1]) +
                               " columns of numbers, the table has " +
                               std::to_string(numeric.size()) + ": " + names +
                               (target.empty() ? " (name one that is no input by --target)" : ""));
    }
  }
  return inputs;
}

}  // namespace cli
