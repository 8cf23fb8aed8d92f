#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/random.h"
#include "core/threads.h"
#include "graph/op.h"
#include "ops/random.h"

namespace keratin::ops {
namespace {

// Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), of shape + 1, which
// a power of a uniform number brings down to the shape itself. A function of key, draw and i.
double log_gamma_number(double shape, std::uint64_t i, std::uint64_t draw, std::uint64_t key) {
  const double d = shape + 1 - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  const auto open = [](std::uint32_t bits) { return (double(bits) + 0.5) * 0x1p-32; };
  for (std::uint64_t attempt = 0;; ++attempt) {  // 96 in 100 end here at once
    const auto bits = philox(i | attempt << 48, draw, key);
    const double x =
        std::sqrt(-2 * std::log(open(bits[0]))) * std::cos(2 * std::numbers::pi * open(bits[1]));
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0 || std::log(open(bits[2])) >= 0.5 * x * x + d - d * v + d * std::log(v)) continue;
    return std::log(d * v) + std::log(open(bits[3])) / shape;
  }
}

// Inputs: state, shape, like. Outputs: the numbers, the state of the next draw.
class RandomGammaOp : public Op {
 public:
  std::string_view name() const override { return "random_log_gamma"; }
  bool differentiable() const override { return false; }
  bool shape_only(int input) const override { return input == 2; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(in[0] == Spec{DType::kUint32, {2}} && is_floating(in[2].dtype) &&
                in[1] == Spec{in[2].dtype, {}},
            name(), ": expected a state, a scalar and what the result is like");
    return {in[2], in[0]};
  }

  Kernel bind(std::span<const Spec>, std::span<const Spec> out) const override {
    const std::int64_t n = element_count(out[0].shape);
    if (out[0].dtype == DType::kFloat64) return {[n](const Buffers& b) { fill<double>(b, n); }};
    return {[n](const Buffers& b) { fill<float>(b, n); }};
  }

 private:
  template <class T>
  static void fill(const Buffers& b, std::int64_t n) {
    const auto* state = b.input<std::uint32_t>(0);
    const double shape = double(b.input<T>(1)[0]);
    T* out = b.output<T>(0);
    parallel_for(n, [&](std::int64_t i) {
      out[i] = T(log_gamma_number(shape, std::uint64_t(i), state[1], state[0]));
    });
    b.output<std::uint32_t>(1)[0] = state[0];
    b.output<std::uint32_t>(1)[1] = state[1] + 1;
  }
};

}  // namespace

Value random_log_gamma(const VariablePtr& seed_state, Value shape, Value like) {
  Graph& graph = like.graph();
  Value state = graph.assigned(seed_state);
  if (!state) state = graph.variable(seed_state);
  const std::vector<Value> results =
      graph.apply(std::make_shared<RandomGammaOp>(), {state, shape, like});
  graph.assign(seed_state, results[1]);
  return results[0];
}

}  // namespace keratin::ops
