#include "table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

namespace cli {
namespace {

bool is_missing(const std::string& cell) {
  return cell.empty() || cell == "NA" || cell == "NaN" || cell == "nan" || cell == "null" ||
         cell == "?";
}

bool parse(const std::string& cell, float& number) {
  const char* begin = cell.data();
  const char* end = begin + cell.size();
  while (begin < end && *begin == ' ') ++begin;
  while (end > begin && end[-1] == ' ') --end;
  if (begin < end && *begin == '+') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, number);
  return error == std::errc() && stop == end;
}

Column read_column(const kt::Csv& csv, std::size_t index, std::string name) {
  Column column;
  column.name = std::move(name);
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    column.text.push_back(csv.cell(row, index));
    float number = std::numeric_limits<float>::quiet_NaN();
    if (!is_missing(column.text.back()) && !parse(column.text.back(), number))
      column.is_number = false;
    column.numbers.push_back(number);
  }
  return column;
}

}  // namespace

const Column& Table::column(const std::string& name) const {
  std::string names;
  for (const Column& c : columns) {
    if (c.name == name) return c;
    names += (names.empty() ? "'" : ", '") + c.name + "'";
  }
  throw std::runtime_error("there is no column '" + name + "'; there are " + names);
}

Table read_table(const std::string& path) {
  const kt::Csv csv(path);
  Table table;
  table.rows = csv.rows();
  if (table.rows == 0) throw std::runtime_error(path + ": the table has no rows");
  const std::vector<std::string> names = csv.columns();
  for (std::size_t i = 0; i < names.size(); ++i)
    table.columns.push_back(read_column(csv, i, names[i]));
  return table;
}

kt::Tensor numbers_of(const Column& column) {
  for (std::size_t row = 0; row < column.numbers.size(); ++row)
    if (std::isnan(column.numbers[row]))
      throw std::runtime_error("column '" + column.name + "', row " + std::to_string(row + 1) +
                               ": expected a number, got '" + column.text[row] + "'");
  return kt::Tensor({static_cast<std::int64_t>(column.numbers.size()), 1}, column.numbers);
}

kt::Tensor strings_of(const Column& column) {
  std::vector<const char*> strings;
  for (const std::string& text : column.text) strings.push_back(text.c_str());
  const std::int64_t shape[] = {static_cast<std::int64_t>(strings.size()), 1};
  kt_tensor* made;
  kt::check(kt_tensor_of_strings(strings.data(), nullptr, shape, 2, &made));
  return kt::Tensor(made);
}

std::vector<std::string> classes_of(const Column& column) {
  std::map<std::string, float> found;
  for (std::size_t row = 0; row < column.text.size(); ++row) {
    if (is_missing(column.text[row]))
      throw std::runtime_error("column '" + column.name + "', row " + std::to_string(row + 1) +
                               ": the value to predict is missing");
    found.emplace(column.text[row], column.numbers[row]);
  }
  std::vector<std::string> classes;
  for (const auto& [text, number] : found) classes.push_back(text);
  if (column.is_number)
    std::sort(classes.begin(), classes.end(),
              [&](const auto& a, const auto& b) { return found[a] < found[b]; });
  return classes;
}

kt::Tensor indices_of(const Column& column, const std::vector<std::string>& classes) {
  std::map<std::string, std::int32_t> index;
  for (std::size_t i = 0; i < classes.size(); ++i) index[classes[i]] = static_cast<std::int32_t>(i);
  std::vector<std::int32_t> indices;
  for (const std::string& text : column.text) {
    const auto at = index.find(text);
    if (at == index.end())
      throw std::runtime_error("column '" + column.name + "': the class '" + text + "' is new");
    indices.push_back(at->second);
  }
  const kt::Shape shape{static_cast<std::int64_t>(indices.size()), 1};
  return kt::Tensor(shape, std::move(indices));
}

}  // namespace cli
