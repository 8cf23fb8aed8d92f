// The table of a model's layers, as Keras draws it.
#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

#include "model/compile.h"
#include "model/model.h"
#include "nn/layers/operation.h"
#include "ops/named.h"

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

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }  // UTF-8

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// What is too wide ends in an ellipsis.
std::string shortened(std::string text, std::size_t width) {
  if (width_of(text) <= width) return text;
  while (width_of(text) >= width) text.pop_back();
  return text + "…";
}

// Breaks text into lines of at most `width` columns, at spaces.
std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  words.imbue(std::locale::classic());  // whose spaces are no bytes of UTF-8
  for (std::string word; words >> word;) {
    std::string& line = lines.back();
    if (line.empty())
      line = word;
    else if (width_of(line) + 1 + width_of(word) <= width)
      line += " " + word;
    else
      lines.push_back(word);
  }
  for (std::string& line : lines) line = shortened(std::move(line), width);
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
      const std::string space(static_cast<std::size_t>(columns[i].width) - width_of(cell), ' ');
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

// Ops go by Keras' names of their classes, "Add".
std::string class_of(const Layer& layer) {
  const auto* operation = dynamic_cast<const Operation*>(&layer);
  return operation ? ops::find_op(operation->op).class_name : layer.info().name;
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
  if (layers_.empty()) text += rule(columns, "┡", "━", "╇", "┩");
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = *layers_[i];
    std::int64_t params = 0;
    for (const Weight& weight : layer.weights()) params += weight.variable->value.size();
    Row row{layer.name + " (" + class_of(layer) + ")", output_shape(*this, layer),
            layer.built() ? grouped(params) : "0 (unbuilt)"};
    if (!chain) row.push_back(connections(*this, layer));
    text += i ? rule(columns, "├", "─", "┼", "┤") : rule(columns, "┡", "━", "╇", "┩");
    text += row_text(columns, row, "│");
  }
  return text + rule(columns, "└", "─", "┴", "┘") + totals(*this);
}

}  // namespace keratin
