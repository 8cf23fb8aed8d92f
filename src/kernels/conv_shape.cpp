#include "kernels/conv_shape.h"

namespace keratin::kernels {
namespace {

// The taps of one position: of tap t (counted on the side it is asked for), the source, or -1.
template <class SourceOf>
AxisClass class_of(std::int64_t position, std::int64_t taps, const SourceOf& source_of) {
  AxisClass c{position, 1, 1, 0, 1, 0, 0, 0, 1};
  for (std::int64_t t = 0; t < taps; ++t) {
    const std::int64_t source = source_of(position, t);
    if (source < 0) continue;
    if (c.taps == 0) c.tap = t, c.source = source;
    if (c.taps == 1) c.tap_step = t - c.tap, c.source_tap = source - c.source;
    ++c.taps;
  }
  return c;
}

bool joins(const AxisClass& c, const AxisClass& next, std::int64_t source_step) {
  return c.taps == next.taps && c.tap == next.tap && c.tap_step == next.tap_step &&
         c.source_tap == next.source_tap &&
         (c.taps == 0 || next.source == c.source + c.count * source_step);
}

// Positions `phases` apart see sources `source_step` apart.
template <class SourceOf>
std::vector<AxisClass> classes(std::int64_t positions, std::int64_t phases,
                               std::int64_t source_step, std::int64_t taps,
                               const SourceOf& source_of) {
  std::vector<AxisClass> all;
  for (std::int64_t phase = 0; phase < phases; ++phase) {
    const std::size_t begin = all.size();
    for (std::int64_t position = phase; position < positions; position += phases) {
      const AxisClass next = class_of(position, taps, source_of);
      if (all.size() > begin && joins(all.back(), next, source_step)) {
        ++all.back().count;
        continue;
      }
      all.push_back(next);
      all.back().step = phases;
      all.back().source_step = source_step;
    }
  }
  return all;
}

}  // namespace

bool ConvShape::is_pointwise() const {
  for (std::size_t i = 0; i < 3; ++i)
    if (kernel[i] != 1 || stride[i] != 1 || before[i] != 0 || in[i] != out[i]) return false;
  return groups == 1;
}

std::vector<AxisClass> output_classes(const ConvShape& s, int axis) {
  const auto a = std::size_t(axis);
  return classes(s.out[a], 1, s.stride[a], s.kernel[a], [&](std::int64_t o, std::int64_t t) {
    const std::int64_t source = o * s.stride[a] + t * s.dilation[a] - s.before[a];
    return source < s.in[a] ? source : std::int64_t{-1};
  });
}

std::vector<AxisClass> input_classes(const ConvShape& s, int axis) {
  const auto a = std::size_t(axis);
  return classes(s.in[a], s.stride[a], 1, s.kernel[a], [&](std::int64_t i, std::int64_t t) {
    const std::int64_t from = i + s.before[a] - (s.kernel[a] - 1 - t) * s.dilation[a];
    if (from < 0 || from % s.stride[a] != 0) return std::int64_t{-1};
    const std::int64_t source = from / s.stride[a];
    return source < s.out[a] ? source : std::int64_t{-1};
  });
}

}  // namespace keratin::kernels
