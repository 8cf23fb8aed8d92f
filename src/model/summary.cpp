// The table of a model's layers, as Keras draws it.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "model/compile.h"
#include "model/model.h"

namespace keratin {
namespace {

struct Column {
  std::string title;
  int width;  // of the text
  bool right = false;
};
using Row = std::vector<std::string>;

std::string grouped(std::int64_t number) {  // 1,234,567
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(digits.begin() + at, ',');
  return digits;
}

std::string readable_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes);
  int unit = 0;
  for (; size >= 1024 && unit < 4; ++unit) size /= 1024;
  std::ostringstream text;
  text.setf(std::ios::fixed);
  text.precision(2);
  text << size << " " << kUnits[unit];
  return text.str();
}

// Breaks text into lines of at most `width` characters, at spaces where there are some.
std::vector<std::string> wrap(std::string text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    std::size_t cut = text.rfind(' ', width);
    if (cut == std::string::npos || cut == 0) cut = width;
    lines.push_back(text.substr(0, cut));
    text.erase(0, text[cut] == ' ' ? cut + 1 : cut);
  }
  lines.push_back(text);
  return lines;
}

std::string repeat(const char* piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

std::string rule(const std::vector<Column>& columns, const char* left, const char* line,
                 const char* cross, const char* right) {
  std::string text = left;
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += repeat(line, columns[i].width + 2) + (i + 1 < columns.size() ? cross : right);
  return text + "\n";
}

std::string row_text(const std::vector<Column>& columns, const Row& row, const char* bar) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells.push_back(wrap(row[i], static_cast<std::size_t>(columns[i].width)));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    text += bar;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = line < cells[i].size() ? cells[i][line] : "";
      const std::string space(static_cast<std::size_t>(columns[i].width) - cell.size(), ' ');
      text += concat(" ", columns[i].right ? space + cell : cell + space, " ", bar);
    }
    text += "\n";
  }
  return text;
}

// Columns end at these parts of the width. Borders and margins come on top, and are then taken off
// the columns in about equal parts, halves to even: so Keras' tables, drawn by rich, come out.
void set_widths(std::vector<Column>& columns, const std::vector<double>& ends, int width) {
  int start = 0, excess = static_cast<int>(columns.size()) + 1 - width;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].width = static_cast<int>(ends[i] * width) - start;
    start += columns[i].width;
    excess += columns[i].width + 2;
  }
  int left = static_cast<int>(columns.size());
  for (Column& column : columns) {
    const int part = static_cast<int>(std::nearbyint(static_cast<double>(excess) / left--));
    column.width -= part;
    excess -= part;
  }
}

std::string output_shape(const Model& model, const Layer& layer) {
  std::string text;
  for (const auto& node : model.nodes())
    if (node->layer.get() == &layer) {
      for (const Spec& spec : node->outputs)
        text += (text.empty() ? "" : ", ") + to_string(spec.shape);
      return node->outputs.size() > 1 ? "[" + text + "]" : text;
    }
  return "?";
}

std::string connections(const Model& model, const Layer& layer) {
  std::string text;
  for (const auto& node : model.nodes())
    if (node->layer.get() == &layer)
      for (const KerasTensor& input : node->inputs) {
        int number = 0;  // which call of its layer
        for (const auto& other : model.nodes()) {
          if (other == input.node) break;
          number += other->layer == input.node->layer;
        }
        text += (text.empty() ? "" : ", ") +
                concat(input.node->layer->name, "[", number, "][", input.index, "]");
      }
  return text.empty() ? "-" : text;
}

bool is_chain(const Model& model) {
  if (model.is_sequential()) return true;
  if (model.nodes().size() != model.layers().size()) return false;
  for (std::size_t i = 0; i < model.nodes().size(); ++i) {
    const auto& inputs = model.nodes()[i]->inputs;
    if (inputs.size() != (i ? 1u : 0u) || (i && inputs[0].node != model.nodes()[i - 1]))
      return false;
  }
  return true;
}

struct Count {
  std::int64_t elements = 0, bytes = 0;
  void add(const Tensor& t) { elements += t.size(), bytes += static_cast<std::int64_t>(t.bytes()); }
  std::string text() const { return grouped(elements) + " (" + readable_bytes(bytes) + ")"; }
};

std::string totals(const Model& model) {
  Count all, trained, fixed, optimizer;
  std::vector<const Variable*> trainable;
  for (const Weight& weight : model.trainable_weights()) trainable.push_back(weight.variable.get());
  for (const Weight& weight : model.weights()) {
    const bool is_trained =
        std::count(trainable.begin(), trainable.end(), weight.variable.get()) > 0;
    (is_trained ? trained : fixed).add(weight.variable->value);
    all.add(weight.variable->value);
  }
  const bool with_optimizer =
      model.compiled && model.compiled->optimizer && model.compiled->optimizer->is_built();
  if (with_optimizer)
    for (const VariablePtr& variable : model.compiled->optimizer->variables()) {
      optimizer.add(variable->value);
      all.add(variable->value);
    }
  return " Total params: " + all.text() + "\n Trainable params: " + trained.text() +
         "\n Non-trainable params: " + fixed.text() + "\n" +
         (with_optimizer ? " Optimizer params: " + optimizer.text() + "\n" : "");
}

}  // namespace

std::string Model::summary(int width) const {
  require(width >= 40, "a summary needs a width of at least 40 columns, got ", width);
  const bool chain = is_chain(*this);
  std::vector<Column> columns{{"Layer (type)", 0}, {"Output Shape", 0}, {"Param #", 0, true}};
  if (!chain) columns.push_back({"Connected to", 0});
  const std::vector<double> ends =
      chain ? std::vector<double>{0.45, 0.80, 1.0} : std::vector<double>{0.30, 0.56, 0.74, 1.0};
  set_widths(columns, ends, width);

  Row titles;
  for (const Column& column : columns) titles.push_back(column.title);
  std::string text = "Model: \"" + name + "\"\n";
  text += rule(columns, "┏", "━", "┳", "┓") + row_text(columns, titles, "┃");
  if (layers_.empty()) return text + rule(columns, "└", "─", "┴", "┘") + totals(*this);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = *layers_[i];
    std::int64_t params = 0;
    for (const Weight& weight : layer.weights()) params += weight.variable->value.size();
    Row row{layer.name + " (" + layer.info().name + ")", output_shape(*this, layer),
            layer.built() || layer.info().name == "InputLayer" ? grouped(params) : "0 (unbuilt)"};
    if (!chain) row.push_back(connections(*this, layer));
    text += i ? rule(columns, "├", "─", "┼", "┤") : rule(columns, "┡", "━", "╇", "┩");
    text += row_text(columns, row, "│");
  }
  return text + rule(columns, "└", "─", "┴", "┘") + totals(*this);
}

}  // namespace keratin
