#include "ops/named.h"

#include <algorithm>

#include "core/error.h"
#include "ops/named_call.h"

// The borders of the section that KERATIN_REGISTER_OPS fills; the linker defines them.
extern "C" {
extern keratin::ops::OpFamily __start_keratin_ops[] __attribute__((weak, visibility("hidden")));
extern keratin::ops::OpFamily __stop_keratin_ops[] __attribute__((weak, visibility("hidden")));
}

namespace keratin::ops {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Takes what stands before the separator off the text.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return trimmed(part);
}

// "name = default"; discarded without one.
Json take_default(std::string_view& declaration) {
  std::string_view rest = declaration;
  declaration = take(rest, '=');
  return rest.empty() ? Json(Json::value_t::discarded) : Json::parse(trimmed(rest));
}

NamedOp parse(const OpRow& row) {
  NamedOp op{row.name, row.doc, {}, {}, {}, {}, row.call};
  const std::string_view keras = row.keras;
  const std::size_t dot = keras.rfind('.');
  op.module = concat(keras.starts_with("keras.") ? "" : "keras.src.ops.", keras.substr(0, dot));
  op.class_name = keras.substr(dot + 1);
  std::string_view rest = row.signature;
  std::string_view arguments = take(rest, ';');
  while (!arguments.empty()) {
    std::string_view argument = take(arguments, ',');
    NamedArgument parsed;
    parsed.default_value = take_default(argument);
    if (argument.starts_with('[')) {
      parsed.kind = NamedArgument::Kind::kList;
      argument = argument.substr(1, argument.size() - 2);
    } else if (argument.starts_with('*')) {
      parsed.kind = NamedArgument::Kind::kVariadic;
      argument.remove_prefix(1);
    }
    parsed.name = argument;
    op.arguments.push_back(std::move(parsed));
  }
  while (!rest.empty()) {
    std::string_view type = take(rest, ';');
    NamedAttribute attribute;
    attribute.default_value = take_default(type);
    attribute.name = take(type, ':');
    attribute.type = trimmed(type);
    op.attributes.push_back(std::move(attribute));
  }
  return op;
}

std::vector<NamedOp> make_table() {
  std::vector<NamedOp> table;
  for (const OpFamily* family = __start_keratin_ops; family != __stop_keratin_ops; ++family)
    for (const OpRow& row : *family) table.push_back(parse(row));
  std::sort(table.begin(), table.end(),
            [](const NamedOp& a, const NamedOp& b) { return a.name < b.name; });
  return table;
}

template <class List>
auto find_in(const List& list, std::string_view name) -> decltype(&list[0]) {
  for (const auto& item : list)
    if (item.name == name) return &item;
  return nullptr;
}

}  // namespace

int NamedOp::least() const {
  int count = 0;
  for (const NamedArgument& a : arguments) count += a.default_value.is_discarded();
  return std::max(count, 1);
}

int NamedOp::most() const {
  for (const NamedArgument& a : arguments)
    if (a.kind != NamedArgument::Kind::kTensor) return INT32_MAX;
  return int(arguments.size());
}

const NamedArgument* NamedOp::argument(std::string_view key) const {
  return find_in(arguments, key);
}
const NamedAttribute* NamedOp::attribute(std::string_view key) const {
  return find_in(attributes, key);
}

const std::vector<NamedOp>& named_ops() {
  static const std::vector<NamedOp> table = make_table();
  return table;
}

const NamedOp& find_op(std::string_view name) {
  const auto& table = named_ops();
  const auto place =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const NamedOp& op, std::string_view n) { return op.name < n; });
  if (place == table.end() || place->name != name) fail(Code::kNotFound, "unknown op '", name, "'");
  return *place;
}

const NamedOp* find_keras_op(std::string_view module, std::string_view class_name) {
  for (const NamedOp& op : named_ops())
    if (op.class_name == class_name && op.module == module) return &op;
  return nullptr;
}

std::vector<std::size_t> share_inputs(const NamedOp& op, const Json& given, std::size_t count) {
  using Kind = NamedArgument::Kind;
  const auto is_free = [&](const NamedArgument& a) {
    return !given.is_object() || !given.contains(a.name);
  };
  const auto beside_constants = [&](const NamedArgument& a) -> std::size_t {
    if (is_free(a) || a.kind == Kind::kTensor || !given[a.name].is_array()) return 0;
    return std::size_t(std::count(given[a.name].begin(), given[a.name].end(), nullptr));
  };
  std::size_t lists = 0, required = 0, length = 0;  // lists of one call are as long as each other
  for (const NamedArgument& a : op.arguments)
    if (!is_free(a)) {
      required += beside_constants(a);
      if (a.kind != Kind::kTensor) length = given[a.name].size();
    } else if (a.kind != Kind::kTensor) {
      ++lists;
    } else {
      required += a.default_value.is_discarded();
    }
  std::vector<std::size_t> shares;
  std::size_t left = count;
  for (const NamedArgument& a : op.arguments) {
    std::size_t share = beside_constants(a);
    if (is_free(a))
      share = a.kind == Kind::kTensor ? std::size_t(left > 0)
              : length > 0            ? length
                                      : (count - std::min(count, required)) / lists;
    share = std::min(share, left);
    require(share > 0 || !is_free(a) || !a.default_value.is_discarded(),
            "expected a tensor or a number for '", a.name, "'");
    shares.push_back(share);
    left -= share;
  }
  require(left == 0, "expected ", count - left, " tensors, got ", count);
  return shares;
}

Values call_named(std::string_view name, std::span<const Value> inputs, const Json& attributes) {
  const NamedOp& op = find_op(name);
  try {
    return op.call(OpCall(op, inputs, attributes));
  } catch (const Error& error) {
    fail(error.code(), "op '", op.name, "': ", error.what());
  }
}

}  // namespace keratin::ops
