// How a table goes into a model: numeric columns side by side into its numeric input, each column
// of text into the input of its name. Everything that is learned of the columns (means, categories)
// is in the model, so that its file is all that predictions need.
#pragma once

#include <string>
#include <vector>

#include "table.h"

namespace cli {

// What the target column asks for.
struct Task {
  enum class Kind { kRegression, kBinary, kClasses };
  Kind kind = Kind::kRegression;
  std::vector<std::string> classes;

  const char* loss() const;
  const char* metric() const;
};
Task task_of(const Column& target);

// Hidden layers of these widths over all columns but the target.
kt::Model dense_model(const Table& table, const std::string& target,
                      const std::vector<std::int64_t>& widths, const Task& task);
// What the model is to give: the target's numbers, or the indices of its classes.
std::vector<kt::Tensor> targets_for(const Column& target, const Task& task);
// Means and variances of numeric columns for a model's Normalization layers that have none.
void adapt_to(const kt::Model& model, const std::vector<kt::Tensor>& inputs);

// The inputs in the model's order, one tensor each. `target` may be "". Missing numbers become the
// mean that the model's Normalization has learned. Throws naming the columns expected and given.
std::vector<kt::Tensor> inputs_for(const kt::Model& model, const Table& table,
                                   const std::string& target);

}  // namespace cli
