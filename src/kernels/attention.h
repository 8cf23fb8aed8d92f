// Scaled dot-product attention with its gradient, a block of query rows at a time: the scores of
// all queries with all keys never stand in memory together. What a block needs again on the way
// back is recomputed from two numbers a row (Dao et al. 2022, https://arxiv.org/abs/2205.14135).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/precision.h"

namespace keratin::kernels {

// query [batch, t, heads, depth], key [batch, s, key_heads, depth], value [batch, s, key_heads,
// width], out [batch, t, heads, width]. A head of keys serves heads / key_heads heads of queries.
struct AttentionShape {
  std::int64_t batch, t, s, heads, key_heads, depth, width;
  double scale;
  bool causal;  // row i sees the keys 0 .. i
  // The mask's element for a score is at the sum of index times stride, 0 along axes that share it.
  bool masked;
  std::int64_t mask_batch, mask_head, mask_row, mask_column;
  Precision precision = Precision::kFull;  // of products of float
};

// Bytes of scratch, 64-byte aligned, that both functions want for this shape.
template <class T>
std::size_t attention_scratch_bytes(const AttentionShape& shape, bool gradient);

// `kept` gets [batch, heads, t, 2]. `mask` is read where shape.masked. A row of which all scores
// are masked weighs all alike.
template <class T>
void attention(const AttentionShape& shape, const T* query, const T* key, const T* value,
               const T* mask, T* out, T* kept, void* scratch);

// Of the loss by query, key and value, given that by out.
template <class T>
struct AttentionGradient {
  T *query, *key, *value;
};
template <class T>
void attention_gradient(const AttentionShape& shape, const T* query, const T* key, const T* value,
                        const T* mask, const T* kept, const T* d_out, AttentionGradient<T> d,
                        void* scratch);

}  // namespace keratin::kernels
