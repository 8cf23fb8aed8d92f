#include "ops/random.h"

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/random.h"
#include "core/threads.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

enum class Distribution { kUniform, kNormal };

constexpr std::int64_t kPiece = 16 * 1024;  // elements, a multiple of 4

// Four numbers of 32 random bits each.
template <class T>
void convert(Distribution distribution, const std::array<std::uint32_t, 4>& bits, T (&out)[4]) {
  if (distribution == Distribution::kUniform) {
    // Of float, 24 bits: more would round up to 1.
    for (int k = 0; k < 4; ++k)
      out[k] = sizeof(T) == 4 ? static_cast<T>(bits[static_cast<std::size_t>(k)] >> 8) * T(0x1p-24)
                              : static_cast<T>(bits[static_cast<std::size_t>(k)]) * T(0x1p-32);
    return;
  }
  for (std::size_t k = 0; k < 4; k += 2) {  // Box and Muller
    const T u = (static_cast<T>(bits[k]) + T(0.5)) * T(0x1p-32);
    const T radius = std::sqrt(T(-2) * std::log(u < T(1) ? u : T(1)));
    const T angle = static_cast<T>(bits[k + 1]) * T(0x1p-32) * (2 * std::numbers::pi_v<T>);
    out[k] = radius * std::cos(angle);
    out[k + 1] = radius * std::sin(angle);
  }
}

template <class T>
void fill(Distribution distribution, const std::uint32_t* state, std::int64_t n, T* out) {
  const std::uint64_t key = state[0], draw = state[1];
  parallel_for((n + kPiece - 1) / kPiece, [&](std::int64_t piece) {
    const std::int64_t end = std::min(n, (piece + 1) * kPiece);
    for (std::int64_t i = piece * kPiece; i < end; i += 4) {
      T four[4];
      convert(distribution, philox(static_cast<std::uint64_t>(i / 4), draw, key), four);
      for (std::int64_t k = 0; k < std::min<std::int64_t>(4, end - i); ++k) out[i + k] = four[k];
    }
  });
}

// Inputs: state, like. Outputs: the numbers, the state of the next draw.
class RandomOp : public Op {
 public:
  explicit RandomOp(Distribution distribution) : distribution_(distribution) {}
  std::string_view name() const override {
    return distribution_ == Distribution::kUniform ? "random_uniform" : "random_normal";
  }
  bool differentiable() const override { return false; }
  bool shape_only(int input) const override { return input == 1; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(in[0] == Spec{DType::kUint32, {2}}, name(), ": expected a state of uint32 (2,), got ",
            keratin::name_of(in[0].dtype), " ", to_string(in[0].shape));
    require(is_floating(in[1].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[1].dtype));
    return {in[1], in[0]};
  }

  Kernel bind(std::span<const Spec>, std::span<const Spec> out) const override {
    const std::int64_t n = element_count(out[0].shape);
    return {[=, kind = distribution_, wide = out[0].dtype == DType::kFloat64](const Buffers& b) {
      const auto* state = b.input<std::uint32_t>(0);
      if (wide)
        fill(kind, state, n, b.output<double>(0));
      else
        fill(kind, state, n, b.output<float>(0));
      b.output<std::uint32_t>(1)[0] = state[0];
      b.output<std::uint32_t>(1)[1] = state[1] + 1;
    }};
  }

 private:
  Distribution distribution_;
};

Value draw(Distribution distribution, const VariablePtr& seed_state, Value like) {
  Graph& graph = like.graph();
  Value state = graph.assigned(seed_state);
  if (!state) state = graph.variable(seed_state);
  const std::vector<Value> results =
      graph.apply(std::make_shared<RandomOp>(distribution), {state, like});
  graph.assign(seed_state, results[1]);
  return results[0];
}

}  // namespace

Value random_uniform(const VariablePtr& seed_state, Value like) {
  return draw(Distribution::kUniform, seed_state, like);
}
Value random_normal(const VariablePtr& seed_state, Value like) {
  return draw(Distribution::kNormal, seed_state, like);
}

}  // namespace keratin::ops
