// Scaled dot-product attention, Vaswani et al. 2017, https://arxiv.org/abs/1706.03762.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// How scores [batch, heads, t, s] become weights, besides the scale. Null: nothing.
struct AttentionScores {
  double scale = 1;
  bool causal = false;  // step i sees the steps 0..i alone
  Value mask{};         // broadcasts to the scores; where it is 0 they count (almost) nothing
  Value bias{};         // broadcasts to the scores; added to them
};

// softmax(scale query key^T + bias, masked) value: query [batch, t, heads, depth], key [batch, s,
// key heads, depth], value [batch, s, key heads, width] -> [batch, t, heads, width]. A head of keys
// serves heads / key heads of queries. A row that is masked altogether weighs all alike.
Value dot_product_attention(Value query, Value key, Value value, const AttentionScores& scores);

// [batch, s, key heads, width] -> [batch, s, heads, width]: each head of keys once for every head
// of queries that it serves.
Value for_each_head(Value keys, std::int64_t heads);

// [t, s], 1 where step i may see step j: j <= i; and |i - j| < width.
Value causal_mask(Graph& graph, std::int64_t t, std::int64_t s, DType dtype);
Value window_mask(Graph& graph, std::int64_t t, std::int64_t s, std::int64_t width, DType dtype);

}  // namespace keratin::ops
