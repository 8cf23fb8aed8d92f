// The steps of recurrent layers in double: for checking gradients, not for speed.
#include <cmath>

#include "kernels/recurrent_rows-inl.h"

namespace keratin::kernels {
namespace {

struct Math {
  using T = double;
  template <class Step>
  static void each(std::int64_t count, const Step& step) {
    for (std::int64_t i = 0; i < count; ++i) step(Math{}, i);
  }

  static T set(double x) { return x; }
  static T load(const T* p) { return *p; }
  static void store(T v, T* p) { *p = v; }
  static T add(T a, T b) { return a + b; }
  static T sub(T a, T b) { return a - b; }
  static T mul(T a, T b) { return a * b; }
  static T add_product(T a, T b, T c) { return a + b * c; }
  static T tanh(T x) { return std::tanh(x); }
  static T sigmoid(T x) { return 1 / (1 + std::exp(-x)); }
  static T positive(T x) { return x > 0 ? x : 0; }
  static T clamp(T x) { return std::fmin(positive(x), 1); }
  static T where_positive(T y, T x) { return y > 0 ? x : 0; }
  static T where_inside(T y, T x) { return y > 0 && y < 1 ? x : 0; }
};

}  // namespace

const RecurrentRows<double>& recurrent_rows_double() {
  static const RecurrentRows<double> rows = HWY_NAMESPACE::recurrent_rows<Math>();
  return rows;
}

}  // namespace keratin::kernels
