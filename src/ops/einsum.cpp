#include "ops/einsum.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// A tensor with a letter for each axis.
struct Labelled {
  Value value;
  std::string axes;
  std::int64_t extent(char axis) const { return value.shape()[axes.find(axis)]; }
  bool has(char axis) const { return axes.find(axis) != std::string::npos; }
};

Labelled ordered(const Labelled& x, const std::string& axes) {
  if (axes == x.axes) return x;
  std::vector<int> order;
  for (const char axis : axes) order.push_back(int(x.axes.find(axis)));
  return {transpose(x.value, order), axes};
}

Labelled summed(const Labelled& x, const std::string& keep) {
  std::vector<int> gone;
  std::string axes;
  for (std::size_t i = 0; i < x.axes.size(); ++i)
    if (keep.find(x.axes[i]) == std::string::npos)
      gone.push_back(int(i));
    else
      axes += x.axes[i];
  return gone.empty() ? x : Labelled{sum(x.value, gone), axes};
}

// Only the diagonal of axes with the same letter.
Labelled without_repeats(Labelled x) {
  for (std::size_t k = 1; k < x.axes.size(); ++k) {
    const std::size_t i = x.axes.find(x.axes[k]);
    if (i == k) continue;
    std::vector<int> order;
    std::string axes;
    for (std::size_t n = 0; n < x.axes.size(); ++n)
      if (n != i && n != k) order.push_back(int(n)), axes += x.axes[n];
    const char letter = x.axes[k];
    const std::int64_t extent = known_extent(x.value, int(k));
    order.push_back(int(i)), order.push_back(int(k));
    Value y = transpose(x.value, order);
    Shape flat(y.shape().begin(), y.shape().end() - 2);
    flat.push_back(extent * extent);
    std::vector<std::int32_t> places;
    for (std::int64_t n = 0; n < extent; ++n) places.push_back(std::int32_t(n * (extent + 1)));
    return without_repeats({pick(reshape(y, flat), -1, places), axes + letter});
  }
  return x;
}

// The extents of the letters, as one: kUnknown where one is not known.
std::int64_t together(const Labelled& x, const std::string& axes) {
  std::int64_t extent = 1;
  for (const char axis : axes) {
    const std::int64_t n = x.extent(axis);
    if (n == kUnknown || extent == kUnknown)
      extent = kUnknown;
    else
      extent *= n;
  }
  return extent;
}

Labelled product_of(Labelled a, Labelled b, const std::string& out) {
  std::string batch, contracted, left, right;
  for (const char axis : a.axes)
    (!b.has(axis) ? left : out.find(axis) == std::string::npos ? contracted : batch) += axis;
  for (const char axis : b.axes)
    if (!a.has(axis)) right += axis;
  // What broadcasts, or has nothing to sum over, is a product of elements.
  bool broadcasts = false;
  for (const char axis : batch + contracted)
    broadcasts |= (a.extent(axis) == 1) != (b.extent(axis) == 1);
  if (contracted.empty() || broadcasts) {
    const std::string all = batch + left + right + contracted;
    const auto spread = [&](const Labelled& x) {
      std::string own;
      for (const char axis : all)
        if (x.has(axis)) own += axis;
      Value value = ordered(x, own).value;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (!x.has(all[i])) value = expand_dims(value, int(i));
      return value;
    };
    return ordered(summed({spread(a) * spread(b), all}, out), out);
  }
  // The operand whose own axes come first in the result is the left one.
  if (out.find_first_of(right) < out.find_first_of(left)) {
    std::swap(a, b);
    std::swap(left, right);
  }
  const bool transpose_a = !left.empty() && a.axes.find(left[0]) > a.axes.find(contracted[0]);
  const bool transpose_b = !right.empty() && b.axes.find(right[0]) < b.axes.find(contracted[0]);
  a = ordered(a, batch + (transpose_a ? contracted + left : left + contracted));
  b = ordered(b, batch + (transpose_b ? right + contracted : contracted + right));
  Shape shape_a, shape_b, shape;
  for (const char axis : batch) {
    const std::int64_t n = a.extent(axis) == kUnknown ? b.extent(axis) : a.extent(axis);
    shape_a.push_back(a.extent(axis)), shape_b.push_back(b.extent(axis)), shape.push_back(n);
  }
  const std::int64_t k =
      together(a, contracted) == kUnknown ? together(b, contracted) : together(a, contracted);
  shape_a.push_back(together(a, left)), shape_a.push_back(k);
  shape_b.push_back(k), shape_b.push_back(together(b, right));
  if (transpose_a) std::swap(shape_a[batch.size()], shape_a[batch.size() + 1]);
  if (transpose_b) std::swap(shape_b[batch.size()], shape_b[batch.size() + 1]);
  for (const char axis : left) shape.push_back(a.extent(axis));
  for (const char axis : right) shape.push_back(b.extent(axis));
  const Value y =
      matmul(reshape(a.value, shape_a), reshape(b.value, shape_b), transpose_a, transpose_b);
  return ordered({reshape(y, shape), batch + left + right}, out);
}

// Capital letters that are not used stand for the axes of "...", the last being the same.
std::string named(std::string axes, std::size_t rank, std::size_t hidden) {
  const std::size_t dots = axes.find("...");
  if (dots == std::string::npos) return axes;
  std::string names;
  const std::size_t own = std::min(hidden, rank + 3 - axes.size());
  for (std::size_t i = 0; i < own; ++i) names += char('\x01' + char(hidden - own + i));
  return axes.replace(dots, 3, names);
}

}  // namespace

Value einsum(std::string_view subscripts, const std::vector<Value>& operands) {
  std::string text;
  for (const char c : subscripts)
    if (c != ' ') text += c;
  const std::size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  std::vector<std::string> terms{""};
  for (const char c : left)
    if (c == ',')
      terms.emplace_back();
    else
      terms.back() += c;
  require(terms.size() == operands.size(), "einsum '", subscripts, "': expected ", terms.size(),
          " operands, got ", operands.size());

  std::size_t hidden = 0;
  for (std::size_t i = 0; i < terms.size(); ++i)
    if (terms[i].find("...") != std::string::npos)
      hidden = std::max(hidden,
                        operands[i].rank() + 3 - std::min(operands[i].rank() + 3, terms[i].size()));
  std::string out;
  if (arrow != std::string::npos) {
    out = named(text.substr(arrow + 2), std::size_t(-4), hidden);
  } else {
    if (hidden) out = named("...", std::size_t(-4), hidden);
    std::string letters = left;
    std::sort(letters.begin(), letters.end());
    for (const char c : letters)
      if (std::isalpha(c) && std::count(left.begin(), left.end(), c) == 1) out += c;
  }

  std::vector<Labelled> tensors;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const std::string axes = named(terms[i], operands[i].rank(), hidden);
    require(axes.size() == operands[i].rank(), "einsum '", subscripts, "': operand ", i,
            " has the shape ", to_string(operands[i].shape()));
    tensors.push_back(without_repeats({operands[i], axes}));
  }
  while (tensors.size() > 1) {
    Labelled b = tensors.back();
    tensors.pop_back();
    Labelled a = tensors.back();
    tensors.pop_back();
    std::string needed = out;
    for (const Labelled& other : tensors) needed += other.axes;
    // Axes of one alone that nobody needs are summed first.
    a = summed(a, needed + b.axes);
    b = summed(b, needed + a.axes);
    std::string kept;
    for (const char axis : a.axes + b.axes)
      if (needed.find(axis) != std::string::npos && kept.find(axis) == std::string::npos)
        kept += axis;
    tensors.push_back(product_of(a, b, tensors.empty() ? out : kept));
  }
  for (const char axis : out)
    require(tensors[0].has(axis), "einsum '", subscripts, "': '", std::string(1, axis),
            "' is not among the operands");
  return ordered(summed(tensors[0], out), out).value;
}

}  // namespace keratin::ops
