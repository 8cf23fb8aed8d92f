// A CSV table as columns of numbers and of text.
#pragma once

#include <string>
#include <vector>

#include "keratin/keratin.hpp"

namespace cli {

struct Column {
  std::string name;
  bool is_number = true;       // all cells that are there are numbers
  std::vector<float> numbers;  // not-a-number where a cell is missing
  std::vector<std::string> text;
};

struct Table {
  std::size_t rows = 0;
  std::vector<Column> columns;

  const Column& column(const std::string& name) const;  // throws listing the names
};

// Cells are missing where they are empty, "NA", "NaN", "null" or "?". Throws where there is no row.
Table read_table(const std::string& path);

// [rows, 1] tensors of a column; classes as their indices.
kt::Tensor numbers_of(const Column& column);
kt::Tensor strings_of(const Column& column);
kt::Tensor indices_of(const Column& column, const std::vector<std::string>& classes);
// The distinct values: numbers by size, text by the alphabet. Throws for missing cells.
std::vector<std::string> classes_of(const Column& column);

}  // namespace cli
