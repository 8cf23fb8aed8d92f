#include "training/callbacks/text.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/error.h"

namespace keratin {
namespace {

// A value by Python's format specification: [0][width][.precision][d|f|e|g|%].
std::string formatted(double value, bool integer, const std::string& spec,
                      const std::string& form) {
  std::size_t i = 0;
  std::string flags;
  while (i < spec.size() && (spec[i] == '0' || spec[i] == '+' || spec[i] == ' '))
    flags += spec[i++];
  int width = 0, precision = -1;
  while (i < spec.size() && std::isdigit(static_cast<unsigned char>(spec[i])) && width < 100)
    width = 10 * width + (spec[i++] - '0');
  if (i < spec.size() && spec[i] == '.') {
    precision = 0;
    for (++i;
         i < spec.size() && std::isdigit(static_cast<unsigned char>(spec[i])) && precision < 100;)
      precision = 10 * precision + (spec[i++] - '0');
  }
  const char type = i < spec.size() ? spec[i++] : (integer ? 'd' : precision < 0 ? 'r' : 'g');
  const bool known = std::string(integer ? "dfeg%" : "rfeg%").find(type) != std::string::npos;
  require(i == spec.size() && known && width < 100 && precision < 100, "the file path '", form,
          "': cannot format a number by '", spec, "'");
  char text[512];
  if (type == 'd') {
    std::snprintf(text, sizeof text, ("%" + flags + "*lld").c_str(), width,
                  static_cast<long long>(value));
    return text;
  }
  if (type == 'r') {
    const std::string plain = number_text(value);
    const auto gap = std::size_t(width) > plain.size() ? std::size_t(width) - plain.size() : 0;
    return std::string(gap, flags.find('0') == std::string::npos ? ' ' : '0') + plain;
  }
  const std::string c_form =
      "%" + flags + "*.*" + (type == '%' ? std::string("f%%") : std::string(1, type));
  std::snprintf(text, sizeof text, c_form.c_str(), width, precision < 0 ? 6 : precision,
                type == '%' ? value * 100 : value);
  return text;
}

}  // namespace

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[64];
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto end = std::to_chars(text, text + sizeof text, value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string result(text, end.ptr);
  if (plain && result.find('.') == std::string::npos) result += ".0";
  return result;
}

std::string fill_in(const std::string& form, std::int64_t epoch, std::int64_t batch,
                    const Logs& logs) {
  std::string path;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = form[i];
    if ((c == '{' || c == '}') && i + 1 < form.size() && form[i + 1] == c) {
      path += c;
      ++i;
      continue;
    }
    if (c != '{') {
      require(c != '}', "the file path '", form, "': '}' without '{'");
      path += c;
      continue;
    }
    const std::size_t end = form.find('}', i);
    require(end != std::string::npos, "the file path '", form, "': '{' without '}'");
    const std::string field = form.substr(i + 1, end - i - 1);
    const std::size_t colon = field.find(':');
    const std::string key = field.substr(0, colon);
    const std::string spec = colon == std::string::npos ? "" : field.substr(colon + 1);
    i = end;
    if (const double* value = find_log(logs, key)) {
      path += formatted(*value, false, spec, form);
      continue;
    }
    std::string known = batch >= 0 ? "epoch, batch" : "epoch";
    for (const auto& [name, value] : logs) known += ", " + name;
    require(key == "epoch" || (key == "batch" && batch >= 0), "the file path '", form,
            "': there is no '", key, "'; there are ", known);
    path += formatted(double(key == "epoch" ? epoch : batch), true, spec, form);
  }
  return path;
}

void set_log(Logs& logs, const std::string& key, double value) {
  for (auto& [name, values] : logs)
    if (name == key) {
      values = {value};
      return;
    }
  logs.emplace_back(key, std::vector<double>{value});
}

}  // namespace keratin
