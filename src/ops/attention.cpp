#include "ops/attention.h"

#include <cstdlib>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/picking.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin::ops {
namespace {

// What masked scores become, as with JAX.
constexpr double kNever = -0.7 * 3.4028234663852886e38;

template <class Fn>
Value mask_where(Graph& graph, std::int64_t t, std::int64_t s, DType dtype, const Fn& sees) {
  Tensor mask(DType::kFloat32, {t, s});
  for (std::int64_t i = 0; i < t * s; ++i) mask.data<float>()[i] = sees(i / s, i % s) ? 1.0f : 0.0f;
  return graph.constant(mask.as(dtype));
}

}  // namespace

Value for_each_head(Value keys, std::int64_t heads) {
  const std::int64_t own = known_extent(keys, -2);
  require(own > 0 && heads % own == 0, "attention: ", heads, " heads of queries do not share ", own,
          " heads of keys");
  if (own == heads) return keys;
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < heads; ++i) places.push_back(std::int32_t(i / (heads / own)));
  return pick(keys, -2, places);
}

Value causal_mask(Graph& graph, std::int64_t t, std::int64_t s, DType dtype) {
  return mask_where(graph, t, s, dtype, [](std::int64_t i, std::int64_t j) { return j <= i; });
}

Value window_mask(Graph& graph, std::int64_t t, std::int64_t s, std::int64_t width, DType dtype) {
  return mask_where(graph, t, s, dtype,
                    [=](std::int64_t i, std::int64_t j) { return std::abs(i - j) < width; });
}

Value dot_product_attention(Value query, Value key, Value value, const AttentionScores& scores) {
  require(query.rank() == 4 && key.rank() == 4 && value.rank() == 4,
          "attention: expected tensors of rank 4, got shapes ", to_string(query.shape()), ", ",
          to_string(key.shape()), " and ", to_string(value.shape()));
  const std::int64_t heads = known_extent(query, 2);
  key = for_each_head(key, heads);
  value = for_each_head(value, heads);
  Value logits = matmul(transpose(query, {0, 2, 1, 3}), transpose(key, {0, 2, 1, 3}), false, true) *
                 scores.scale;
  if (scores.bias) logits = logits + scores.bias;
  if (scores.mask) logits = where(scores.mask, logits, kNever);
  if (scores.causal)
    logits = where(
        causal_mask(query.graph(), known_extent(query, 1), known_extent(key, 1), logits.dtype()),
        logits, kNever);
  const Value y = matmul(softmax(logits, -1), transpose(value, {0, 2, 1, 3}));
  return transpose(y, {0, 2, 1, 3});
}

}  // namespace keratin::ops
