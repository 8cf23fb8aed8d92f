#include "kernels/resample.h"

#include <algorithm>
#include <cstring>

#include "core/threads.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kPieceElements = 64 * 1024;  // of y, that are worth a piece

template <class T>
void sum_rows(const AxisMap& map, std::int64_t result, std::int64_t inner, const T* x, T* y) {
  std::int64_t t = map.begin[std::size_t(result)];
  const std::int64_t end = map.begin[std::size_t(result) + 1];
  if (t == end) return void(std::fill_n(y, inner, T{0}));
  const T* source = x + map.sources[std::size_t(t)] * inner;
  const T weight = T(map.weights[std::size_t(t)]);
  if (weight == T{1})
    std::memcpy(y, source, std::size_t(inner) * sizeof(T));
  else
    for (std::int64_t k = 0; k < inner; ++k) y[k] = weight * source[k];
  for (++t; t < end; ++t) {
    const T* more = x + map.sources[std::size_t(t)] * inner;
    const T w = T(map.weights[std::size_t(t)]);
    for (std::int64_t k = 0; k < inner; ++k) y[k] += w * more[k];
  }
}

}  // namespace

AxisMap AxisMap::transposed() const {
  std::vector<std::vector<std::pair<std::int64_t, double>>> rows(static_cast<std::size_t>(in));
  for (std::int64_t i = 0; i < out(); ++i)
    for (std::int64_t t = begin[std::size_t(i)]; t < begin[std::size_t(i) + 1]; ++t)
      rows[std::size_t(sources[std::size_t(t)])].emplace_back(i, weights[std::size_t(t)]);
  AxisMap map;
  map.in = out();
  for (const auto& row : rows) {
    for (const auto& [source, weight] : row) map.add(source, weight);
    map.finish();
  }
  return map;
}

template <class T>
void resample(const AxisMap& map, std::int64_t outer, std::int64_t inner, const T* x, T* y) {
  const std::int64_t out = map.out(), rows = outer * out;
  const std::int64_t group =
      std::max<std::int64_t>(1, kPieceElements / std::max<std::int64_t>(1, inner));
  parallel_for((rows + group - 1) / group, [&](std::int64_t piece) {
    for (std::int64_t row = piece * group; row < std::min(rows, (piece + 1) * group); ++row)
      sum_rows(map, row % out, inner, x + row / out * map.in * inner, y + row * inner);
  });
}

template void resample(const AxisMap&, std::int64_t, std::int64_t, const float*, float*);
template void resample(const AxisMap&, std::int64_t, std::int64_t, const double*, double*);

}  // namespace keratin::kernels
