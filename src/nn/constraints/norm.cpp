#include <algorithm>
#include <array>
#include <cmath>

#include "nn/axes.h"
#include "nn/constraints/constraint.h"

namespace keratin {
namespace {

constexpr int kMaxRank = 8;
constexpr std::int64_t kBlock = 256;  // norms that are worked on together

// A part of the axes of a tensor, the innermost first, as extents and strides in elements.
struct Walk {
  std::array<std::int64_t, kMaxRank> extent, stride;
  int rank = 0;

  // Calls fn with the offset of each element, in order.
  template <class Fn>
  void each(Fn&& fn) const {
    std::array<std::int64_t, kMaxRank> at{};
    for (std::int64_t offset = 0;;) {
      fn(offset);
      int axis = 0;
      for (; axis < rank; ++axis) {
        offset += stride[axis];
        if (++at[axis] < extent[axis]) break;
        offset -= stride[axis] * extent[axis];
        at[axis] = 0;
      }
      if (axis == rank) return;
    }
  }
};

// Multiplies each vector of weights along the axes by factor(its Euclidean norm). Allocates
// nothing.
template <class Factor>
void scale_by_norm(Tensor& weight, const Axes& axes, const char* constraint, Factor&& factor) {
  const Shape& shape = weight.shape();
  const int rank = int(shape.size());
  require(rank <= kMaxRank, constraint, ": expected a weight of rank ", kMaxRank,
          " or less, got shape ", to_string(shape));
  if (weight.size() == 0) return;
  std::array<bool, kMaxRank> reduced{};
  for (const std::int64_t axis : axes.values)
    reduced[std::size_t(normalize_axis(axis, shape.size()))] = true;

  // If the last axis is kept, its elements lie side by side and are walked in blocks.
  Walk along, across;
  const bool in_blocks = rank && !reduced[std::size_t(rank - 1)];
  const std::int64_t width = in_blocks ? shape.back() : 1;
  std::int64_t stride = width;
  for (int axis = rank - (in_blocks ? 2 : 1); axis >= 0; --axis) {
    Walk& walk = reduced[std::size_t(axis)] ? along : across;
    walk.extent[std::size_t(walk.rank)] = shape[std::size_t(axis)];
    walk.stride[std::size_t(walk.rank++)] = stride;
    stride *= shape[std::size_t(axis)];
  }

  float* const w = weight.data<float>();
  across.each([&](std::int64_t base) {
    for (std::int64_t begin = 0; begin < width; begin += kBlock) {
      const std::int64_t count = std::min(kBlock, width - begin);
      std::array<float, kBlock> sums{};
      along.each([&](std::int64_t offset) {
        const float* row = w + base + offset + begin;
        for (std::int64_t i = 0; i < count; ++i) sums[std::size_t(i)] += row[i] * row[i];
      });
      for (std::int64_t i = 0; i < count; ++i)
        sums[std::size_t(i)] = factor(std::sqrt(sums[std::size_t(i)]));
      along.each([&](std::int64_t offset) {
        float* row = w + base + offset + begin;
        for (std::int64_t i = 0; i < count; ++i) row[i] *= sums[std::size_t(i)];
      });
    }
  });
}

constexpr float kEpsilon = 1e-7f;
const char* const kAxisDoc = "Axis or axes along which the norms are taken.";

class MaxNorm : public Constraint {
 public:
  double max_value = 2;
  Axes axis{{0}, false};

  KERATIN_CLASS
  void apply(Tensor& weight) const override {
    scale_by_norm(weight, axis, "MaxNorm", [&](float norm) {
      return std::clamp(norm, 0.0f, float(max_value)) / (kEpsilon + norm);
    });
  }
};

const ClassInfo& MaxNorm::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<MaxNorm>("constraints", "MaxNorm", "keras.constraints",
                                      "Weights incident to a unit have at most this norm.");
    c.attributes = {attribute<MaxNorm>("max_value", &MaxNorm::max_value, "Norm.").at_least(0),
                    attribute<MaxNorm>("axis", &MaxNorm::axis, kAxisDoc)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MaxNorm);

class UnitNorm : public Constraint {
 public:
  Axes axis{{0}, false};

  KERATIN_CLASS
  void apply(Tensor& weight) const override {
    scale_by_norm(weight, axis, "UnitNorm", [](float norm) { return 1 / (kEpsilon + norm); });
  }
};

const ClassInfo& UnitNorm::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<UnitNorm>("constraints", "UnitNorm", "keras.constraints",
                                       "Weights incident to a unit have norm 1.");
    c.attributes = {attribute<UnitNorm>("axis", &UnitNorm::axis, kAxisDoc)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(UnitNorm);

class MinMaxNorm : public Constraint {
 public:
  double min_value = 0, max_value = 1, rate = 1;
  Axes axis{{0}, false};

  KERATIN_CLASS
  void configured() override {
    require(min_value <= max_value, "MinMaxNorm: expected min_value of at most max_value, got ",
            min_value, " and ", max_value);
  }
  void apply(Tensor& weight) const override {
    scale_by_norm(weight, axis, "MinMaxNorm", [&](float norm) {
      const float held = std::clamp(norm, float(min_value), float(max_value));
      return (float(rate) * held + float(1 - rate) * norm) / (kEpsilon + norm);
    });
  }
};

const ClassInfo& MinMaxNorm::describe() {
  static const ClassInfo info = [] {
    using C = MinMaxNorm;
    ClassInfo c = class_info<C>("constraints", "MinMaxNorm", "keras.constraints",
                                "Weights incident to a unit have a norm between two bounds.");
    c.attributes = {
        attribute<C>("min_value", &C::min_value, "Least norm."),
        attribute<C>("max_value", &C::max_value, "Largest norm."),
        attribute<C>("rate", &C::rate, "How far towards the bounds, 1 being onto them."),
        attribute<C>("axis", &C::axis, kAxisDoc)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MinMaxNorm);

}  // namespace
}  // namespace keratin
