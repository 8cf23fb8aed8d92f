// Functions that move elements: shapes and the order of axes.
#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "core/error.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

int normal_axis(Value x, std::int64_t axis) { return normalize_axis(axis, x.rank()); }

Values reshaped(const OpCall& call) {
  Shape shape = call.integers("newshape");
  const Value x = call.value();
  // A batch that is not known takes what is left, as where Keras writes -1.
  if (!x.shape().empty() && x.shape()[0] == kUnknown && !shape.empty() && is_static(shape))
    if (product(x.shape(), 1, x.rank()) == product(shape, 1, shape.size())) shape[0] = kUnknown;
  return {reshape(x, shape)};
}

Values raveled(const OpCall& call) { return {reshape(call.value(), {kUnknown})}; }

std::vector<int> all_axes(Value x) {
  std::vector<int> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Values transposed(const OpCall& call) {
  const Value x = call.value();
  std::vector<int> axes = all_axes(x);
  std::reverse(axes.begin(), axes.end());
  if (!call.is_null("axes")) axes = call.axes("axes");
  for (int& axis : axes) axis = normal_axis(x, axis);
  return {transpose(x, axes)};
}

Value swapped(Value x, int a, int b) {
  std::vector<int> axes = all_axes(x);
  std::swap(axes[std::size_t(normal_axis(x, a))], axes[std::size_t(normal_axis(x, b))]);
  return transpose(x, axes);
}

Values swapaxes(const OpCall& call) {
  return {swapped(call.value(), call.axis("axis1"), call.axis("axis2"))};
}

Values moveaxis(const OpCall& call) {
  return {move_axes(call.value(), call.axes("source"), call.axes("destination"))};
}

Values expanded(const OpCall& call) {
  Value x = call.value();
  std::vector<int> axes = call.axes();
  for (int& axis : axes) axis = normalize_axis(axis, x.rank() + axes.size());
  std::sort(axes.begin(), axes.end());
  for (const int axis : axes) x = expand_dims(x, axis);
  return {x};
}

Values squeezed(const OpCall& call) {
  Value x = call.value();
  std::vector<int> axes;
  for (const int axis : call.axes()) axes.push_back(normal_axis(x, axis));
  if (call.is_null("axis"))
    for (std::size_t i = 0; i < x.rank(); ++i)
      if (x.shape()[i] == 1) axes.push_back(int(i));
  std::sort(axes.rbegin(), axes.rend());
  for (const int axis : axes) x = squeeze(x, axis);
  return {x};
}

Values flipped(const OpCall& call) {
  Value x = call.value();
  for (const int axis : call.is_null("axis") ? all_axes(x) : call.axes()) x = flip(x, axis);
  return {x};
}
template <int axis>
Values flipped_there(const OpCall& call) {
  return {flip(call.value(), axis)};
}

Values rolled(const OpCall& call) {
  const Value x = call.value();
  const auto shifts = call.integers("shift");
  if (call.is_null("axis")) return {reshape_like(roll(reshape(x, {kUnknown}), 0, shifts.at(0)), x)};
  const std::vector<int> axes = call.axes();
  Value y = x;
  for (std::size_t i = 0; i < axes.size(); ++i)
    y = roll(y, axes[i], shifts.size() == 1 ? shifts[0] : shifts.at(i));
  return {y};
}

Values rotated(const OpCall& call) {
  const Value x = call.value();
  const std::vector<int> axes = call.axes("axes");
  require(axes.size() == 2, "axes: expected two, got ", axes.size());
  const std::int64_t quarters = ((call.integer("k") % 4) + 4) % 4;
  if (quarters == 0) return {x};
  if (quarters == 2) return {flip(flip(x, axes[0]), axes[1])};
  if (quarters == 1) return {swapped(flip(x, axes[1]), axes[0], axes[1])};
  return {flip(swapped(x, axes[0], axes[1]), axes[1])};
}

// The axes of one side of a pattern, "b (h w) c": groups of names. Keras knows no more of einops.
std::vector<std::vector<std::string>> groups_of(std::string_view side) {
  std::vector<std::vector<std::string>> groups;
  std::string name;
  bool is_inside = false;
  const auto end_name = [&] {
    if (name.empty()) return;
    if (is_inside)
      groups.back().push_back(name);
    else
      groups.push_back({name});
    name.clear();
  };
  for (const char c : side) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      name += c;
      continue;
    }
    end_name();
    require(c == ' ' || c == (is_inside ? ')' : '('), "pattern: unexpected '", c, "'");
    if (c == '(') groups.emplace_back();
    if (c != ' ') is_inside = c == '(';
  }
  end_name();
  require(!is_inside, "pattern: a parenthesis is not closed");
  return groups;
}

Values rearranged(const OpCall& call) {
  const Value x = call.value();
  const std::string pattern =
      call.constant(1).is_string() ? call.constant(1).get<std::string>() : "";
  const std::size_t arrow = pattern.find("->");
  require(arrow != std::string::npos, "pattern: expected 'axes -> axes', got ",
          call.constant(1).dump());
  const Json& lengths = call["axes_lengths"];
  const auto from = groups_of(std::string_view(pattern).substr(0, arrow));
  const auto to = groups_of(std::string_view(pattern).substr(arrow + 2));
  require(from.size() == x.rank(), "pattern: '", pattern, "' has ", from.size(),
          " axes on the left, the tensor's shape is ", to_string(x.shape()));
  std::map<std::string, int> place;  // of each name among the axes taken apart
  Shape apart;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::int64_t known = 1;
    std::size_t open = SIZE_MAX;
    for (const std::string& name : from[i]) {
      require(place.emplace(name, int(apart.size())).second, "pattern: '", name,
              "' stands twice on the left");
      const bool given = from[i].size() > 1 && lengths.contains(name);
      require(given || open == SIZE_MAX, "the lengths of '", name,
              "' and another axis beside it are not given");
      if (!given) open = apart.size();
      apart.push_back(given ? lengths[name].get<std::int64_t>() : kUnknown);
      require(!given || apart.back() > 0, "the length of '", name, "': expected 1 or more, got ",
              apart.back());
      known *= given ? apart.back() : 1;
    }
    const std::int64_t extent = x.shape()[i];
    require(extent == kUnknown || (open == SIZE_MAX ? known == extent : extent % known == 0),
            "axis ", i, " of ", extent, " cannot be taken apart by ", known);
    if (open != SIZE_MAX && extent != kUnknown) apart[open] = extent / known;
  }
  std::vector<int> order;
  Shape together;
  for (const auto& group : to) {
    together.push_back(1);
    for (const std::string& name : group) {
      require(place.contains(name), "pattern: '", name, "' does not stand on the left");
      order.push_back(place[name]);
      const std::int64_t n = apart[std::size_t(order.back())];
      together.back() =
          n == kUnknown || together.back() == kUnknown ? kUnknown : together.back() * n;
    }
  }
  require(order.size() == place.size(), "pattern: '", pattern, "' leaves axes out");
  return {reshape(transpose(reshape(x, apart), order), together)};
}

constexpr OpRow kRows[] = {
    {"reshape", "numpy.Reshape", "x; newshape: list of int",
     "x in another shape, batch axis included; one extent may be -1.", reshaped},
    {"ravel", "numpy.Ravel", "x", "All elements in one axis.", raveled},
    {"transpose", "numpy.Transpose", "x; axes: list of int? = null",
     "x with its axes in another order; null: reversed.", transposed},
    {"swapaxes", "numpy.Swapaxes", "x; axis1: int; axis2: int", "Two axes change places.",
     swapaxes},
    {"moveaxis", "numpy.Moveaxis", "x; source: list of int; destination: list of int",
     "Axes go to other places.", moveaxis},
    {"expand_dims", "numpy.ExpandDims", "x; axis: list of int", "x with new axes of 1.", expanded},
    {"squeeze", "numpy.Squeeze", "x; axis: list of int? = null",
     "x without axes of 1; null: without any.", squeezed},
    {"flip", "numpy.Flip", "x; axis: list of int? = null", "The other way round; null: all axes.",
     flipped},
    {"fliplr", "numpy.Fliplr", "x", "Axis 1 the other way round.", flipped_there<1>},
    {"flipud", "numpy.Flipud", "x", "Axis 0 the other way round.", flipped_there<0>},
    {"roll", "numpy.Roll", "x; shift: list of int; axis: list of int? = null",
     "Shifted; what leaves comes in again.", rolled},
    {"rot90", "numpy.Rot90", "array; k: int = 1; axes: list of int = [0, 1]",
     "Turned by k quarters.", rotated},
    {"rearrange", "einops.Rearrange", "tensor, pattern; axes_lengths: keywords = {}",
     "Axes taken apart, in another order, put together: \"b (h w) c -> b h (w c)\".", rearranged},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
