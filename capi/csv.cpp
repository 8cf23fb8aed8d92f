#include "io/csv.h"

#include "capi/handles.h"
#include "io/file.h"

struct kt_csv {
  keratin::io::CsvTable table;
};

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_csv_read(const char* path, kt_csv** csv) {
  return give(csv, "csv", [&] {
    const std::string name = &need(path, "path");
    return new kt_csv{io::parse_csv(io::read_file(name), name)};
  });
}

size_t kt_csv_row_count(const kt_csv* csv) {
  return look(csv, [](const kt_csv& c) { return c.table.rows.size(); });
}

size_t kt_csv_column_count(const kt_csv* csv) {
  return look(csv, [](const kt_csv& c) { return c.table.columns.size(); });
}

const char* kt_csv_column_name(const kt_csv* csv, size_t column) {
  return look(csv, [&](const kt_csv& c) {
    return column < c.table.columns.size() ? c.table.columns[column].c_str() : nullptr;
  });
}

const char* kt_csv_cell(const kt_csv* csv, size_t row, size_t column) {
  return look(csv, [&](const kt_csv& c) {
    const bool inside = row < c.table.rows.size() && column < c.table.columns.size();
    return inside ? c.table.rows[row][column].c_str() : nullptr;
  });
}

kt_error* kt_csv_numbers(const kt_csv* csv, const char* const* columns, size_t count,
                         kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const io::CsvTable& table = need(csv, "csv").table;
    require(count > 0, "count: expected at least one column");
    need(columns, "columns");
    const std::size_t rows = table.rows.size();
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < count; ++i) {
      require(columns[i] != nullptr, "columns[", i, "] is NULL");
      indices.push_back(table.column(columns[i]));
    }
    Tensor numbers(DType::kFloat32,
                   {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(count)});
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<float> column = table.numbers(indices[i]);
      for (std::size_t row = 0; row < rows; ++row)
        numbers.data<float>()[row * count + i] = column[row];
    }
    return new kt_tensor{std::move(numbers)};
  });
}

void kt_csv_free(kt_csv* csv) { delete csv; }
