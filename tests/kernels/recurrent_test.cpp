// The recurrent kernels against plain formulas, one sequence and one unit at a time; their
// gradients in float against those in double, which finite differences check (ops/gradient_test).
#include "kernels/recurrent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/tensor.h"
#include "core/threads.h"

namespace keratin::kernels {
namespace {

using Cell = RecurrentCell;
using Fn = RecurrentFn;

double apply(Fn fn, double x) {
  switch (fn) {
    case Fn::kLinear:
      return x;
    case Fn::kTanh:
      return std::tanh(x);
    case Fn::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Fn::kHardSigmoid:
      return std::min(std::max(0.0, x / 6 + 0.5), 1.0);
    case Fn::kRelu:
      return std::max(0.0, x);
  }
  return x;
}

// Everything that a call reads and writes.
template <class T>
struct Call {
  RecurrentShape shape;
  std::vector<T> projected, kernel, bias, h, c, mask, outputs, last_h, last_c, kept, cells;
  std::vector<T> d_outputs, d_last_h, d_last_c, d_projected, d_kernel, d_bias, d_h, d_c;

  static constexpr DType kDType = sizeof(T) == 4 ? DType::kFloat32 : DType::kFloat64;

  void forward(bool keep = true) {
    const auto [b, t, u] = std::tuple{shape.batch, shape.time, shape.units};
    outputs.assign(std::size_t(b * t * u), T(7));
    kept.assign(std::size_t(b * t * u * shape.kept()), T(7));
    const bool lstm = shape.cell == Cell::kLstm;
    cells.assign(lstm ? outputs.size() : 0, T(7));
    last_h.assign(std::size_t(b * u), T(7));
    last_c.assign(lstm ? last_h.size() : 0, T(7));
    Tensor scratch(DType::kUint8, {std::int64_t(recurrence_scratch(shape, kDType, keep)) + 1});
    recurrence(
        shape,
        {projected.data(), kernel.data(), data(bias), h.data(), data(c), data(mask), outputs.data(),
         last_h.data(), data(last_c), keep ? data(kept) : nullptr, keep ? data(cells) : nullptr},
        scratch.raw());
  }
  void backward() {
    d_projected.assign(projected.size(), T(7));
    d_kernel.assign(kernel.size(), T(7));
    d_bias.assign(bias.size(), T(7));
    d_h.assign(h.size(), T(7));
    d_c.assign(c.size(), T(7));
    Tensor scratch(DType::kUint8, {std::int64_t(recurrence_gradient_scratch(shape, kDType)) + 1});
    recurrence_gradient(shape,
                        {kernel.data(), h.data(), data(c), data(mask), outputs.data(), data(kept),
                         data(cells), data(d_outputs), data(d_last_h), data(d_last_c),
                         d_projected.data(), d_kernel.data(), data(d_bias), d_h.data(), data(d_c)},
                        scratch.raw());
  }

 private:
  static T* data(std::vector<T>& v) { return v.empty() ? nullptr : v.data(); }
};

std::vector<float> random_vector(std::mt19937& random, std::int64_t size) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<std::size_t>(size));
  for (float& value : values) value = uniform(random);
  return values;
}

Call<float> random_run(std::mt19937& random, const RecurrentShape& s, bool masked, bool with_bias) {
  Call<float> run{};
  run.shape = s;
  const std::int64_t width = s.gates() * s.units, state = s.batch * s.units;
  const bool lstm = s.cell == Cell::kLstm;
  run.projected = random_vector(random, s.batch * s.time * width);
  run.kernel = random_vector(random, s.units * width);
  for (float& x : run.kernel) x /= std::sqrt(float(s.units));
  if (with_bias && s.cell == Cell::kGru) run.bias = random_vector(random, width);
  run.h = random_vector(random, state);
  if (lstm) run.c = random_vector(random, state);
  if (masked) {
    run.mask = random_vector(random, s.batch * s.time);
    for (float& x : run.mask) x = x > -0.3f ? 1.0f : 0.0f;
  }
  run.d_outputs = random_vector(random, state * s.time);
  if (random() % 2) run.d_last_h = random_vector(random, state);
  if (lstm && random() % 2) run.d_last_c = random_vector(random, state);
  return run;
}

Call<double> in_double(const Call<float>& f) {
  const auto to = [](const std::vector<float>& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  Call<double> d{};
  d.shape = f.shape;
  d.projected = to(f.projected), d.kernel = to(f.kernel), d.bias = to(f.bias), d.h = to(f.h);
  d.c = to(f.c), d.mask = to(f.mask), d.d_outputs = to(f.d_outputs);
  d.d_last_h = to(f.d_last_h), d.d_last_c = to(f.d_last_c);
  return d;
}

// The formulas of recurrent.h, for one sequence.
std::vector<double> plain(const Call<double>& r, std::int64_t b) {
  const RecurrentShape& s = r.shape;
  const auto n = std::size_t(s.units), width = std::size_t(s.gates()) * n;
  const std::size_t row = std::size_t(b);
  std::vector<double> h(r.h.begin() + std::ptrdiff_t(row * n),
                        r.h.begin() + std::ptrdiff_t(row * n + n));
  std::vector<double> c(n), outputs;
  if (!r.c.empty()) std::copy_n(r.c.begin() + std::ptrdiff_t(row * n), n, c.begin());
  const auto product = [&](const std::vector<double>& state, std::size_t column) {
    double sum = r.bias.empty() ? 0 : r.bias[column];
    for (std::size_t k = 0; k < n; ++k) sum += state[k] * r.kernel[k * width + column];
    return sum;
  };
  for (std::int64_t i = 0; i < s.time; ++i) {
    const std::int64_t t = s.go_backwards ? s.time - 1 - i : i;
    const std::size_t at = row * std::size_t(s.time) + std::size_t(t);
    if (r.mask.empty() || r.mask[at] != 0) {
      const double* x = r.projected.data() + at * width;
      std::vector<double> next(n), reset(n);
      for (std::size_t j = 0; j < n; ++j) {
        const auto z = [&](std::size_t gate) { return x[gate * n + j] + product(h, gate * n + j); };
        switch (s.cell) {
          case Cell::kSimple:
            next[j] = apply(s.activation, z(0));
            break;
          case Cell::kLstm:
            c[j] = apply(s.gate, z(1)) * c[j] + apply(s.gate, z(0)) * apply(s.activation, z(2));
            next[j] = apply(s.gate, z(3)) * apply(s.activation, c[j]);
            break;
          case Cell::kGru: {
            const double g =
                apply(s.activation, x[2 * n + j] + apply(s.gate, z(1)) * product(h, 2 * n + j));
            const double update = apply(s.gate, z(0));
            next[j] = update * h[j] + (1 - update) * g;
            break;
          }
          case Cell::kGruBefore:
            reset[j] = apply(s.gate, z(1)) * h[j];
            next[j] = apply(s.gate, z(0));
            break;
        }
      }
      if (s.cell == Cell::kGruBefore)
        for (std::size_t j = 0; j < n; ++j) {
          const double g = apply(s.activation, x[2 * n + j] + product(reset, 2 * n + j));
          next[j] = next[j] * h[j] + (1 - next[j]) * g;
        }
      h = next;
    }
    outputs.insert(outputs.end(), h.begin(), h.end());
  }
  outputs.insert(outputs.end(), c.begin(), c.end());
  return outputs;
}

template <class A, class B>
void expect_near(const std::vector<A>& got, const std::vector<B>& wanted, double tolerance,
                 const char* what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  double largest = 1e-3;
  for (const B x : wanted) largest = std::max(largest, std::abs(double(x)));
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(double(got[i]), double(wanted[i]), tolerance * largest) << what << " " << i;
}

std::vector<RecurrentShape> shapes(std::mt19937& random) {
  std::vector<RecurrentShape> all;
  const auto any = [&](std::int64_t most) {
    return std::int64_t(random() % std::size_t(most)) + 1;
  };
  for (const Cell cell : {Cell::kSimple, Cell::kLstm, Cell::kGru, Cell::kGruBefore})
    for (int i = 0; i < 12; ++i)
      all.push_back({cell, i % 3 ? Fn::kTanh : Fn(random() % 5),
                     i % 4 ? Fn::kSigmoid : Fn(random() % 5), random() % 2 == 1,
                     i < 3 ? 1 : any(40), any(7), i == 5 ? 170 : any(40)});
  return all;
}

TEST(Recurrent, IsWhatTheFormulasSay) {
  std::mt19937 random(1);
  for (const RecurrentShape& shape : shapes(random)) {
    Call<float> run = random_run(random, shape, random() % 2, random() % 2);
    run.forward();
    const Call<double> wanted = in_double(run);
    std::vector<double> outputs, last_h, last_c;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      const std::vector<double> one = plain(wanted, b);
      const std::ptrdiff_t n = shape.units;
      outputs.insert(outputs.end(), one.begin(), one.end() - n);
      last_h.insert(last_h.end(), one.end() - 2 * n, one.end() - n);
      if (!run.c.empty()) last_c.insert(last_c.end(), one.end() - n, one.end());
    }
    expect_near(run.outputs, outputs, 1e-5, "outputs");
    expect_near(run.last_h, last_h, 1e-5, "last_h");
    expect_near(run.last_c, last_c, 1e-5, "last_c");
    Call<float> again = run;
    again.forward(false);
    EXPECT_EQ(again.outputs, run.outputs);
    EXPECT_EQ(again.last_h, run.last_h);
    EXPECT_EQ(again.last_c, run.last_c);
  }
}

TEST(Recurrent, GradientsInFloatAreThoseInDouble) {
  std::mt19937 random(2);
  for (RecurrentShape shape : shapes(random)) {
    // Where a function has a corner, float and double may stand on either side.
    if (shape.activation == Fn::kRelu || shape.activation == Fn::kHardSigmoid)
      shape.activation = Fn::kTanh;
    if (shape.gate == Fn::kRelu || shape.gate == Fn::kHardSigmoid) shape.gate = Fn::kSigmoid;
    Call<float> run = random_run(random, shape, random() % 2, random() % 2);
    Call<double> wanted = in_double(run);
    run.forward();
    run.backward();
    wanted.forward();
    wanted.backward();
    expect_near(run.d_projected, wanted.d_projected, 2e-5, "d_projected");
    expect_near(run.d_kernel, wanted.d_kernel, 2e-5, "d_kernel");
    expect_near(run.d_bias, wanted.d_bias, 2e-5, "d_bias");
    expect_near(run.d_h, wanted.d_h, 2e-5, "d_h");
    expect_near(run.d_c, wanted.d_c, 2e-5, "d_c");
  }
}

// Rows of the batch, begin .. end-1, of a run.
Call<double> part_of(const Call<double>& whole, std::int64_t begin, std::int64_t end) {
  Call<double> part = whole;
  part.shape.batch = end - begin;
  for (auto* v : {&part.projected, &part.h, &part.c, &part.mask, &part.d_outputs, &part.d_last_h,
                  &part.d_last_c}) {
    const std::int64_t row = std::int64_t(v->size()) / whole.shape.batch;
    *v = std::vector<double>(v->begin() + begin * row, v->begin() + end * row);
  }
  return part;
}

// Large ones go back through time in chunks; their parts, which are small, do not.
TEST(Recurrent, GradientsOfKernelsAreTheSumOverTheBatch) {
  std::mt19937 random(5);
  for (const bool backwards : {false, true}) {
    const Call<float> run = random_run(
        random, {Cell::kGru, Fn::kTanh, Fn::kSigmoid, backwards, 500, 9, 6}, backwards, true);
    Call<double> whole = in_double(run);
    whole.forward();
    whole.backward();
    std::vector<double> d_kernel(whole.d_kernel.size()), d_bias(whole.d_bias.size()), d_projected;
    for (std::int64_t begin = 0; begin < 500; begin += 100) {
      Call<double> part = part_of(whole, begin, begin + 100);
      part.forward();
      part.backward();
      for (std::size_t i = 0; i < d_kernel.size(); ++i) d_kernel[i] += part.d_kernel[i];
      for (std::size_t i = 0; i < d_bias.size(); ++i) d_bias[i] += part.d_bias[i];
      d_projected.insert(d_projected.end(), part.d_projected.begin(), part.d_projected.end());
    }
    expect_near(whole.d_kernel, d_kernel, 1e-12, "d_kernel");
    expect_near(whole.d_bias, d_bias, 1e-12, "d_bias");
    expect_near(whole.d_projected, d_projected, 1e-12, "d_projected");
  }
}

TEST(Recurrent, BFloat16IsNear) {
  std::mt19937 random(4);
  for (RecurrentShape shape : shapes(random)) {
    shape.activation = Fn::kTanh;
    shape.gate = Fn::kSigmoid;
    Call<float> run = random_run(random, shape, random() % 2, random() % 2), full = run;
    Call<double> wanted = in_double(run);
    run.shape.precision = Precision::kBFloat16;
    for (Call<float>* call : {&run, &full}) call->forward(), call->backward();
    wanted.forward();
    wanted.backward();
    if (shape.units > 1 && run.mask.empty()) {
      EXPECT_NE(run.outputs, full.outputs);
    }
    expect_near(run.outputs, wanted.outputs, 1e-2, "outputs");
    expect_near(run.d_projected, wanted.d_projected, 2e-2, "d_projected");
    expect_near(run.d_kernel, wanted.d_kernel, 2e-2, "d_kernel");
    expect_near(run.d_h, wanted.d_h, 2e-2, "d_h");
  }
}

TEST(Recurrent, IsTheSameForAnyNumberOfThreads) {
  const int before = num_threads();
  std::mt19937 random(3);
  for (const Cell cell : {Cell::kSimple, Cell::kLstm, Cell::kGru, Cell::kGruBefore}) {
    Call<float> one = random_run(random,
                                 {
                                     cell,
                                     Fn::kTanh,
                                     Fn::kSigmoid,
                                     false,
                                     250,
                                     9,
                                     48,
                                 },
                                 true, true);
    Call<float> three = one;
    set_num_threads(1);
    one.forward();
    one.backward();
    set_num_threads(3);
    three.forward();
    three.backward();
    EXPECT_EQ(one.outputs, three.outputs);
    EXPECT_EQ(one.d_projected, three.d_projected);
    EXPECT_EQ(one.d_kernel, three.d_kernel);
    EXPECT_EQ(one.d_h, three.d_h);
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace keratin::kernels
