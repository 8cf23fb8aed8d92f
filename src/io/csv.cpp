#include "io/csv.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/error.h"

namespace keratin::io {
namespace {

// Reads one record from text[at..); advances `at` past its line end and counts lines.
class TableReader {
 public:
  TableReader(std::string_view text, const std::string& what) : text_(text), what_(what) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
  }

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  std::vector<std::string> record() {
    std::vector<std::string> cells;
    while (true) {
      cells.push_back(cell());
      if (at_end()) break;
      const char c = text_[at_++];
      if (c == ',') continue;
      if (c == '\r' && !at_end() && text_[at_] == '\n') ++at_;
      break;
    }
    ++line_;
    return cells;
  }

 private:
  std::string cell() {
    if (at_end() || text_[at_] != '"') {
      const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      std::string plain(text_.substr(at_, end - at_));
      at_ = end;
      return plain;
    }
    const std::size_t opened = line_;
    std::string quoted;
    for (++at_; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != '"') {
        quoted += c;
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        quoted += text_[++at_];
      } else {
        ++at_;
        if (!at_end() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r')
          fail(Code::kCorrupt, what_, ", line ", line_, ": text after a closing quote");
        return quoted;
      }
    }
    fail(Code::kCorrupt, what_, ", line ", opened, ": a quote is not closed");
  }

  std::string_view text_;
  const std::string& what_;
  std::size_t at_ = 0, line_ = 1;
};

std::string_view trimmed(std::string_view cell) {
  while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
  while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
  return cell;
}

}  // namespace

CsvTable parse_csv(const std::string& text, const std::string& what) {
  CsvTable table;
  table.what = what;
  TableReader reader(text, what);
  if (reader.at_end()) fail(Code::kCorrupt, what, ": is empty; expected a header line");
  table.columns = reader.record();
  for (std::string& name : table.columns) name = std::string(trimmed(name));
  while (!reader.at_end()) {
    const std::size_t line = reader.line();
    std::vector<std::string> cells = reader.record();
    const bool blank = cells.size() == 1 && cells[0].empty();
    if (blank && (table.columns.size() > 1 || reader.at_end())) continue;
    if (cells.size() != table.columns.size())
      fail(Code::kCorrupt, what, ", line ", line, ": expected ", table.columns.size(),
           " cells as in the header, got ", cells.size());
    table.rows.push_back(std::move(cells));
    table.lines.push_back(line);
  }
  return table;
}

std::size_t CsvTable::column(const std::string& name) const {
  std::string known;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return i;
    known += (i ? ", " : "") + columns[i];
  }
  fail(Code::kNotFound, what, ": no column '", name, "'; it has ", known);
}

std::vector<float> CsvTable::numbers(std::size_t column) const {
  require(column < columns.size(), what, ": no column ", column, " of ", columns.size());
  std::vector<float> values;
  values.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::string_view cell = trimmed(rows[row][column]);
    if (cell.starts_with('+')) cell.remove_prefix(1);
    float value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    // A number too small or too large for float32 is not an error of the syntax: strtod's
    // rounding to 0 or infinity is what a reader of floats expects.
    const bool out_of_range = error == std::errc::result_out_of_range;
    if ((error != std::errc() && !out_of_range) || end != cell.data() + cell.size())
      fail(Code::kInvalidArgument, what, ", line ", lines[row], ": expected a number in column '",
           columns[column], "', got '", rows[row][column], "'");
    if (out_of_range) {
      double wide = 0;
      std::from_chars(cell.data(), cell.data() + cell.size(), wide);
      value = static_cast<float>(wide);
    }
    values.push_back(value);
  }
  return values;
}

}  // namespace keratin::io
