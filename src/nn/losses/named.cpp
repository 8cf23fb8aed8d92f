// The cross-entropies as ops by name: targets and outputs -> one value an example.
#include "nn/losses/functions.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/shape.h"

namespace keratin {
namespace {

using ops::OpCall;
using ops::OpRow;
using ops::Values;

// For each element, where the loss takes the mean over the last axis.
Values binary(const OpCall& call) {
  const Value output = call.floating(1), target = ops::cast(call.value(0), output.dtype());
  const auto alone = [](Value x) { return ops::expand_dims(x, int(x.rank())); };
  return {
      binary_crossentropy(alone(target), alone(output), {.from_logits = call.flag("from_logits")})};
}

Values categorical(const OpCall& call) {
  const Value output = call.floating(1), target = ops::cast(call.value(0), output.dtype());
  return {categorical_crossentropy(
      target, output, {.from_logits = call.flag("from_logits"), .axis = call.integer("axis")})};
}

Values sparse(const OpCall& call) {
  return {sparse_categorical_crossentropy(
      call.value(0), call.floating(1),
      {.from_logits = call.flag("from_logits"), .ignore_class = {}, .axis = call.integer("axis")})};
}

constexpr OpRow kRows[] = {
    {"binary_crossentropy", "nn.BinaryCrossentropy", "target, output; from_logits: bool = false",
     "Of each element.", binary},
    {"categorical_crossentropy", "nn.CategoricalCrossentropy",
     "target, output; from_logits: bool = false; axis: int = -1", "One-hot targets.", categorical},
    {"sparse_categorical_crossentropy", "nn.SparseCategoricalCrossentropy",
     "target, output; from_logits: bool = false; axis: int = -1", "Targets by index.", sparse},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin
