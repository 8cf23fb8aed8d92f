// CSV tables (RFC 4180: quotes, embedded separators and line breaks, CRLF or LF) with a header
// line.
#pragma once

#include <string>
#include <vector>

namespace keratin::io {

struct CsvTable {
  std::string what;  // where it came from, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // each of columns.size() cells
  std::vector<std::size_t> lines;              // on which each row begins, counted from 1

  std::size_t column(const std::string& name) const;  // throws kNotFound listing the columns
  // The cells of a column as numbers; throws kInvalidArgument naming column and line at one that is
  // not.
  std::vector<float> numbers(std::size_t column) const;
};

// Throws kCorrupt naming `what` and the line.
CsvTable parse_csv(const std::string& text, const std::string& what);

}  // namespace keratin::io
