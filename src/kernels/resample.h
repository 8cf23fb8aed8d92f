// Linear maps along one axis, each result being a weighted sum of a few elements: cropping,
// padding, repeating, interpolation, and their gradients.
#pragma once

#include <cstdint>
#include <vector>

namespace keratin::kernels {

// Result i is the sum of weights[t] * x[sources[t]] for begin[i] <= t < begin[i + 1].
struct AxisMap {
  std::int64_t in = 0;  // extent of x along the axis
  std::vector<std::int64_t> begin{0}, sources;
  std::vector<double> weights;

  std::int64_t out() const { return std::int64_t(begin.size()) - 1; }
  void add(std::int64_t source, double weight) {
    sources.push_back(source);
    weights.push_back(weight);
  }
  void finish() { begin.push_back(std::int64_t(sources.size())); }  // the result is complete
  AxisMap transposed() const;                                       // its gradient
};

// x [outer, in, inner] -> y [outer, out, inner]; T is float or double.
template <class T>
void resample(const AxisMap& map, std::int64_t outer, std::int64_t inner, const T* x, T* y);

}  // namespace keratin::kernels
