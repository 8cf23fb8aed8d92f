// Gradient cases: matrix products, convolutions, pooling, recurrent cells, attention.
#include "gradient_cases.h"
#include "ops/attention.h"
#include "ops/channels.h"
#include "ops/conv.h"
#include "ops/conv_geometry.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/pool.h"
#include "ops/quantized.h"
#include "ops/recurrent.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"
#include "ops/stack.h"

namespace keratin::ops {
namespace {

// Everything that a recurrent op gives, weighted differently; values: projection, kernel, h, [c],
// [bias].
Value recurrent_of(const Values& v, kernels::RecurrentCell cell, kernels::RecurrentFn activation,
                   kernels::RecurrentFn gate, bool go_backwards, bool masked, bool keep = true) {
  const bool is_lstm = cell == kernels::RecurrentCell::kLstm;
  RecurrentInputs in{v[0], v[1], v[2], {}, {}, {}};
  if (is_lstm) in.c = v[3];
  if (!is_lstm && v.size() > 3) in.recurrent_bias = v[3];
  if (masked) {
    // Of three sequences of four steps.
    const Value mask =
        v[0].graph().constant(Tensor::of<double>({3, 4}, {1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1}));
    in.mask = cast(mask, v[0].dtype());
  }
  const RecurrentOutputs out = recurrent(in, {cell, activation, gate, go_backwards, 0, 0, 0}, keep);
  Value all = out.outputs * 2.0 + expand_dims(square(out.last_h), 1);
  if (is_lstm) all = all + expand_dims(out.last_c, 1);
  return all;
}

}  // namespace

std::vector<Case> network_cases() {
  return {
      {"matmul", "", {{3, 4}, {4, 5}}, -1, 1, [](const Values& v) { return matmul(v[0], v[1]); }},
      {"dequantized",
       "",
       {{4, 3}, {3}},
       1,
       2,
       [](const Values& v) { return dequantized(v[0], v[1]); }},
      {"matmul",
       "transposed a",
       {{4, 3}, {4, 5}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], true, false); }},
      {"matmul",
       "transposed b",
       {{3, 4}, {5, 4}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul",
       "both transposed",
       {{4, 3}, {5, 4}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], true, true); }},
      {"matmul",
       "rows of batches",
       {{2, 3, 4}, {4, 5}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1]); }},
      {"matmul",
       "rows of batches, transposed b",
       {{2, 3, 4}, {5, 4}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul",
       "transposed batches",
       {{2, 4, 3}, {4, 5}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], true, false); }},
      {"matmul",
       "batches",
       {{2, 3, 4}, {2, 5, 4}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul",
       "broadcast batches",
       {{2, 1, 3, 4}, {3, 4, 2}},
       -1,
       1,
       [](const Values& v) { return matmul(v[0], v[1]); }},
      {"matmul",
       "and what follows",
       {{3, 4}, {4, 5}, {5}, {3, 5}},
       -1,
       1,
       [](const Values& v) { return tanh(matmul(v[0], v[1]) + v[2]) * v[3]; }},
      {"matmul",
       "batches and what follows",
       {{2, 3, 4}, {2, 4, 5}, {5}, {3, 1}},
       -1,
       1,
       [](const Values& v) { return sigmoid(matmul(v[0], v[1]) + v[2]) - v[3]; }},
      {"conv",
       "",
       {{2, 5, 6, 3}, {3, 2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return conv(v[0], v[1], {1, 1}, {1, 1}, Padding::kValid);
       }},
      {"conv",
       "same, strides",
       {{2, 5, 6, 2}, {3, 3, 2, 3}},
       -1,
       1,
       [](const Values& v) {
         return conv(v[0], v[1], {2, 3}, {1, 1}, Padding::kSame);
       }},
      {"conv",
       "causal, dilation",
       {{2, 7, 2}, {3, 2, 3}},
       -1,
       1,
       [](const Values& v) { return conv(v[0], v[1], {1}, {2}, Padding::kCausal); }},
      {"conv",
       "groups, three axes",
       {{1, 3, 4, 3, 4}, {2, 2, 2, 2, 6}},
       -1,
       1,
       [](const Values& v) {
         return conv(v[0], v[1], {1, 2, 1}, {1, 1, 1}, Padding::kSame);
       }},
      {"conv",
       "gradient of its gradient",
       {{1, 5, 2}, {3, 2, 2}},
       -1,
       1,
       [](const Values& v) {
         const Value y = sum(square(conv(v[0], v[1], {1}, {1}, Padding::kValid)));
         const std::vector<Value> d = gradients(y, v);
         return sum(square(d[0])) + sum(square(d[1]));
       }},
      {"conv",
       "and what follows",
       {{2, 5, 2}, {3, 2, 3}, {3}, {2, 5, 1}},
       -1,
       1,
       [](const Values& v) {
         return tanh(conv(v[0], v[1], {1}, {1}, Padding::kSame) + v[2]) * v[3];
       }},
      {"conv_input_gradient",
       "several filters a channel",
       {{1, 3, 12}, {3, 1, 12}, {1, 5, 6}},
       -1,
       1,
       [](const Values& v) {
         const auto g = conv_geometry("conv", v[2], v[1], {1}, {1}, Padding::kValid);
         return conv_input_gradient(v[0], v[1], g) * v[2];
       }},
      {"depthwise_conv",
       "",
       {{2, 4, 5, 3}, {3, 3, 3, 2}},
       -1,
       1,
       [](const Values& v) {
         return depthwise_conv(v[0], v[1], {1, 1}, {1, 1}, Padding::kSame);
       }},
      {"depthwise_conv",
       "strides",
       {{2, 9, 3}, {3, 3, 1}},
       -1,
       1,
       [](const Values& v) { return depthwise_conv(v[0], v[1], {2}, {1}, Padding::kValid); }},
      {"conv_transpose",
       "",
       {{2, 3, 4, 3}, {3, 2, 2, 3}},
       -1,
       1,
       [](const Values& v) {
         return conv_transpose(v[0], v[1], {2, 2}, {1, 1}, Padding::kSame);
       }},
      {"conv_transpose",
       "output padding",
       {{2, 4, 3}, {3, 2, 3}},
       -1,
       1,
       [](const Values& v) { return conv_transpose(v[0], v[1], {3}, {1}, Padding::kValid, {1}); }},
      {"max_pool",
       "",
       {{2, 5, 6, 2}},
       -1,
       1,
       [](const Values& v) {
         return max_pool(v[0], {2, 3}, {2, 1}, Padding::kSame);
       }},
      {"average_pool",
       "",
       {{2, 5, 6, 2}},
       -1,
       1,
       [](const Values& v) {
         return average_pool(v[0], {2, 3}, {2, 1}, Padding::kSame);
       }},
      {"average_pool",
       "three axes",
       {{1, 3, 4, 3, 2}},
       -1,
       1,
       [](const Values& v) {
         return average_pool(v[0], {2, 2, 2}, {1, 2, 1}, Padding::kValid);
       }},
      {"stack",
       "",
       {{3, 4}, {3, 4}},
       -1,
       1,
       [](const Values& v) {
         return stack({v[0], v[1], v[0]}, 1);
       }},
      {"unstack",
       "",
       {{3, 4, 2}},
       -1,
       1,
       [](const Values& v) {
         const Values parts = unstack(v[0], 1);
         return parts[1] * parts[3] + parts[1];
       }},
      {"recurrent",
       "simple",
       {{3, 4, 5}, {5, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kSimple, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kTanh, false, false);
       }},
      {"recurrent",
       "simple relu, masked",
       {{3, 4, 5}, {5, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kSimple, kernels::RecurrentFn::kRelu,
                             kernels::RecurrentFn::kRelu, true, true);
       }},
      {"recurrent",
       "lstm",
       {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, false);
       }},
      {"recurrent",
       "lstm, masked",
       {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, true);
       }},
      {"recurrent",
       "lstm of other functions",
       {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kLinear,
                             kernels::RecurrentFn::kHardSigmoid, false, true);
       }},
      {"recurrent",
       "lstm, nothing kept",
       {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, true, false);
       }},
      {"recurrent",
       "gru",
       {{3, 4, 15}, {5, 15}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGru, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, false);
       }},
      {"recurrent",
       "gru, bias, masked",
       {{3, 4, 15}, {5, 15}, {3, 5}, {15}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGru, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, true);
       }},
      {"recurrent",
       "gru, reset before",
       {{3, 4, 15}, {5, 15}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGruBefore, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, false);
       }},
      {"recurrent",
       "gru, reset before, masked",
       {{3, 4, 15}, {5, 15}, {3, 5}},
       -1,
       1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGruBefore, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, true);
       }},
      {"adaptive_max_pool",
       "",
       {{2, 7, 2}},
       -1,
       1,
       [](const Values& v) { return adaptive_max_pool(v[0], {3}); }},
      {"adaptive_average_pool",
       "",
       {{1, 5, 4, 2}},
       -1,
       1,
       [](const Values& v) {
         return adaptive_average_pool(v[0], {3, 2});
       }},
      {"dot_product_attention",
       "",
       {{2, 3, 2, 4}, {2, 5, 2, 4}, {2, 5, 2, 3}},
       -1,
       1,
       [](const Values& v) { return dot_product_attention(v[0], v[1], v[2], {.scale = 0.5}); }},
      {"dot_product_attention",
       "causal, shared keys",
       {{2, 5, 4, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}},
       -1,
       1,
       [](const Values& v) {
         return dot_product_attention(v[0], v[1], v[2], {.scale = 0.7, .causal = true});
       }},
      {"dot_product_attention",
       "mask and bias",
       {{2, 4, 2, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}, {2, 1, 4, 4}},
       -1,
       1,
       [](const Values& v) {
         const Value mask = window_mask(v[0].graph(), 4, 4, 2, v[0].dtype());
         return dot_product_attention(v[0], v[1], v[2], {.mask = mask, .bias = v[3]});
       }},
      {"dot_product_attention",
       "masked rows",
       {{2, 4, 2, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}},
       -1,
       1,
       [](const Values& v) {
         const Tensor seen = Tensor::of<float>({2, 1, 1, 4}, {1, 0, 1, 1, 0, 0, 0, 0});
         const Value mask = v[0].graph().constant(seen.as(v[0].dtype()));
         return dot_product_attention(v[0], v[1], v[2], {.causal = true, .mask = mask});
       }},
      {"for_each_head",
       "",
       {{2, 3, 2, 2}},
       -1,
       1,
       [](const Values& v) { return for_each_head(v[0], 4); }},
      {"einsum",
       "",
       {{2, 3, 4}, {2, 5, 4}},
       -1,
       1,
       [](const Values& v) { return einsum("bij,bkj->bki", v); }},
      {"einsum",
       "attention",
       {{2, 3, 2, 4}, {2, 5, 2, 4}},
       -1,
       1,
       [](const Values& v) { return einsum("aecd,abcd->acbe", v); }},
      {"einsum",
       "both transposed",
       {{3, 2}, {4, 3}},
       -1,
       1,
       [](const Values& v) { return einsum("ab,ca->bc", v); }},
      {"einsum",
       "sums and diagonals",
       {{3, 3, 2}, {4, 2}},
       -1,
       1,
       [](const Values& v) { return einsum("iij,kj", v); }},
      {"einsum",
       "three, with dots",
       {{2, 3, 4}, {2, 3}, {4}},
       -1,
       1,
       [](const Values& v) { return einsum("...ij,...i,j->...i", v); }},
  };
}

}  // namespace keratin::ops
