// Every function of src/ops: its gradient rule against finite differences in double, its float
// kernel against the double one, and the optimized graph against the plain one.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "op_testing.h"
#include "ops/affine.h"
#include "ops/attention.h"
#include "ops/channels.h"
#include "ops/confusion.h"
#include "ops/conv.h"
#include "ops/ctc.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/elementwise_op.h"
#include "ops/eye.h"
#include "ops/fourier.h"
#include "ops/gather.h"
#include "ops/get_item.h"
#include "ops/images.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/pool.h"
#include "ops/quantized.h"
#include "ops/random.h"
#include "ops/recurrent.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/scan.h"
#include "ops/scatter.h"
#include "ops/shape.h"
#include "ops/softmax.h"
#include "ops/sort.h"
#include "ops/stack.h"
#include "ops/view.h"

namespace keratin::ops {
namespace {

using Values = std::vector<Value>;

struct Case {
  const char* function;  // of src/ops
  const char* what;
  std::vector<Shape> shapes;
  double low, high;  // of the operands
  std::function<Value(const Values&)> build;
};

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

// x less singular: 2, 4, 6 ... more on its diagonal.
Value spread(Value x) {
  Tensor steps(DType::kFloat64, {x.shape().back()});
  for (std::int64_t i = 0; i < steps.size(); ++i) steps.data<double>()[i] = 2 + 2 * double(i);
  return x + eye_like(x) * x.graph().constant(steps.as(x.dtype()));
}

// All of several results, weighted differently.
Value all_of(const Values& results) {
  Value y;
  for (std::size_t i = 0; i < results.size(); ++i) {
    Value flat = reshape(results[i], {1, element_count(results[i].shape())});
    y = y ? concatenate({y, flat * (1.0 + double(i))}, 1) : flat;
  }
  return y;
}
Value all_of(const std::pair<Value, Value>& results) {
  return all_of(Values{results.first, results.second});
}
Value all_of(const Svd& of) { return all_of(Values{of.u, of.s, of.vt}); }

// Five rows for places of three, one of them twice, one nowhere.
Value places_of(Value x) {
  return x.graph().constant(Tensor::of<std::int32_t>({5}, {2, 0, 2, 7, 2}));
}

// An op by name of a part of its inputs.
Value named(const char* name, const Values& inputs, const char* attributes,
            std::size_t result = 0) {
  return call_named(name, inputs, Json::parse(attributes)).at(result);
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"add", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "row", {{3, 4}, {4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "column", {{3, 1}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "number", {{3, 4}}, -2, 2, [](const Values& v) { return v[0] + 3.0; }},
      {"subtract", "", {{2, 3, 4}, {3, 1}}, -2, 2, [](const Values& v) { return v[0] - v[1]; }},
      {"subtract", "number", {{5}}, -2, 2, [](const Values& v) { return 1.0 - v[0]; }},
      {"multiply", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"multiply", "itself", {{3, 4}}, -2, 2, [](const Values& v) { return v[0] * v[0]; }},
      {"multiply", "outer", {{3, 1}, {1, 4}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"multiply", "scalar", {{3, 4}, {}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"divide", "", {{3, 4}, {4}}, 0.5, 2, [](const Values& v) { return v[0] / v[1]; }},
      {"divide", "number", {{3, 4}}, 0.5, 2, [](const Values& v) { return 2.0 / v[0]; }},
      {"maximum", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return maximum(v[0], v[1]); }},
      {"minimum", "", {{3, 4}, {4}}, -2, 2, [](const Values& v) { return minimum(v[0], v[1]); }},
      {"power", "", {{3, 4}, {3, 4}}, 0.5, 2, [](const Values& v) { return power(v[0], v[1]); }},
      {"power", "number", {{3, 4}}, -2, 2, [](const Values& v) { return power(v[0], 3.0); }},
      {"negative", "", {{5}}, -2, 2, [](const Values& v) { return -v[0]; }},
      {"abs", "", {{9}}, -2, 2, [](const Values& v) { return abs(v[0]); }},
      {"square", "", {{9}}, -2, 2, [](const Values& v) { return square(v[0]); }},
      {"sqrt", "", {{9}}, 0.1, 2, [](const Values& v) { return sqrt(v[0]); }},
      {"rsqrt", "", {{9}}, 0.1, 2, [](const Values& v) { return rsqrt(v[0]); }},
      {"reciprocal", "", {{9}}, 0.1, 2, [](const Values& v) { return reciprocal(v[0]); }},
      {"exp", "", {{9}}, -2, 2, [](const Values& v) { return exp(v[0]); }},
      {"expm1", "", {{9}}, -2, 2, [](const Values& v) { return expm1(v[0]); }},
      {"log", "", {{9}}, 0.1, 2, [](const Values& v) { return log(v[0]); }},
      {"log1p", "", {{9}}, -0.5, 2, [](const Values& v) { return log1p(v[0]); }},
      {"sin", "", {{9}}, -5, 5, [](const Values& v) { return sin(v[0]); }},
      {"cos", "", {{9}}, -5, 5, [](const Values& v) { return cos(v[0]); }},
      {"tanh", "", {{9}}, -2, 2, [](const Values& v) { return tanh(v[0]); }},
      {"sigmoid", "", {{9}}, -3, 3, [](const Values& v) { return sigmoid(v[0]); }},
      {"softplus", "", {{9}}, -3, 3, [](const Values& v) { return softplus(v[0]); }},
      {"relu", "", {{9}}, -2, 2, [](const Values& v) { return relu(v[0]); }},
      {"erf", "", {{9}}, -2, 2, [](const Values& v) { return erf(v[0]); }},
      {"clip", "", {{9}}, -2, 2, [](const Values& v) { return clip(v[0], -1.0, 0.5); }},
      {"where", "", {{3, 4}, {3, 4}, {4}}, -2, 2,
       [](const Values& v) { return where(greater(v[0], 0.0), v[1], v[2]); }},
      {"where", "number", {{9}}, -2, 2, [](const Values& v) { return where(less(v[0], 0.0), 1.0, v[0]); }},
      {"where", "second number", {{9}}, -2, 2,
       [](const Values& v) { return where(less(v[0], 0.0), v[0], 1.0); }},
      {"cast", "", {{9}}, -2, 2,
       [](const Values& v) {
         return cast(cast(v[0], DType::kFloat64), v[0].dtype());
       }},
      {"stop_gradient", "", {{9}}, -2, 2, [](const Values& v) { return v[0] + stop_gradient(v[0] * 0.0); }},
      {"matmul", "", {{3, 4}, {4, 5}}, -1, 1, [](const Values& v) { return matmul(v[0], v[1]); }},
      {"dequantized", "", {{4, 3}, {3}}, 1, 2,
       [](const Values& v) { return dequantized(v[0], v[1]); }},
      {"matmul", "transposed a", {{4, 3}, {4, 5}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], true, false); }},
      {"matmul", "transposed b", {{3, 4}, {5, 4}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul", "both transposed", {{4, 3}, {5, 4}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], true, true); }},
      {"matmul", "rows of batches", {{2, 3, 4}, {4, 5}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1]); }},
      {"matmul", "rows of batches, transposed b", {{2, 3, 4}, {5, 4}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul", "transposed batches", {{2, 4, 3}, {4, 5}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], true, false); }},
      {"matmul", "batches", {{2, 3, 4}, {2, 5, 4}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1], false, true); }},
      {"matmul", "broadcast batches", {{2, 1, 3, 4}, {3, 4, 2}}, -1, 1,
       [](const Values& v) { return matmul(v[0], v[1]); }},
      {"matmul", "and what follows", {{3, 4}, {4, 5}, {5}, {3, 5}}, -1, 1,
       [](const Values& v) { return tanh(matmul(v[0], v[1]) + v[2]) * v[3]; }},
      {"matmul", "batches and what follows", {{2, 3, 4}, {2, 4, 5}, {5}, {3, 1}}, -1, 1,
       [](const Values& v) { return sigmoid(matmul(v[0], v[1]) + v[2]) - v[3]; }},
      {"conv", "", {{2, 5, 6, 3}, {3, 2, 3, 4}}, -1, 1,
       [](const Values& v) { return conv(v[0], v[1], {1, 1}, {1, 1}, Padding::kValid); }},
      {"conv", "same, strides", {{2, 5, 6, 2}, {3, 3, 2, 3}}, -1, 1,
       [](const Values& v) { return conv(v[0], v[1], {2, 3}, {1, 1}, Padding::kSame); }},
      {"conv", "causal, dilation", {{2, 7, 2}, {3, 2, 3}}, -1, 1,
       [](const Values& v) { return conv(v[0], v[1], {1}, {2}, Padding::kCausal); }},
      {"conv", "groups, three axes", {{1, 3, 4, 3, 4}, {2, 2, 2, 2, 6}}, -1, 1,
       [](const Values& v) { return conv(v[0], v[1], {1, 2, 1}, {1, 1, 1}, Padding::kSame); }},
      {"conv", "gradient of its gradient", {{1, 5, 2}, {3, 2, 2}}, -1, 1,
       [](const Values& v) {
         const Value y = sum(square(conv(v[0], v[1], {1}, {1}, Padding::kValid)));
         const std::vector<Value> d = gradients(y, v);
         return sum(square(d[0])) + sum(square(d[1]));
       }},
      {"conv", "and what follows", {{2, 5, 2}, {3, 2, 3}, {3}, {2, 5, 1}}, -1, 1,
       [](const Values& v) {
         return tanh(conv(v[0], v[1], {1}, {1}, Padding::kSame) + v[2]) * v[3];
       }},
      {"depthwise_conv", "", {{2, 4, 5, 3}, {3, 3, 3, 2}}, -1, 1,
       [](const Values& v) { return depthwise_conv(v[0], v[1], {1, 1}, {1, 1}, Padding::kSame); }},
      {"depthwise_conv", "strides", {{2, 9, 3}, {3, 3, 1}}, -1, 1,
       [](const Values& v) { return depthwise_conv(v[0], v[1], {2}, {1}, Padding::kValid); }},
      {"conv_transpose", "", {{2, 3, 4, 3}, {3, 2, 2, 3}}, -1, 1,
       [](const Values& v) { return conv_transpose(v[0], v[1], {2, 2}, {1, 1}, Padding::kSame); }},
      {"conv_transpose", "output padding", {{2, 4, 3}, {3, 2, 3}}, -1, 1,
       [](const Values& v) {
         return conv_transpose(v[0], v[1], {3}, {1}, Padding::kValid, {1});
       }},
      {"max_pool", "", {{2, 5, 6, 2}}, -1, 1,
       [](const Values& v) { return max_pool(v[0], {2, 3}, {2, 1}, Padding::kSame); }},
      {"average_pool", "", {{2, 5, 6, 2}}, -1, 1,
       [](const Values& v) { return average_pool(v[0], {2, 3}, {2, 1}, Padding::kSame); }},
      {"average_pool", "three axes", {{1, 3, 4, 3, 2}}, -1, 1,
       [](const Values& v) { return average_pool(v[0], {2, 2, 2}, {1, 2, 1}, Padding::kValid); }},
      {"stack", "", {{3, 4}, {3, 4}}, -1, 1,
       [](const Values& v) { return stack({v[0], v[1], v[0]}, 1); }},
      {"unstack", "", {{3, 4, 2}}, -1, 1,
       [](const Values& v) {
         const Values parts = unstack(v[0], 1);
         return parts[1] * parts[3] + parts[1];
       }},
      {"recurrent", "simple", {{3, 4, 5}, {5, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kSimple, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kTanh, false, false);
       }},
      {"recurrent", "simple relu, masked", {{3, 4, 5}, {5, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kSimple, kernels::RecurrentFn::kRelu,
                             kernels::RecurrentFn::kRelu, true, true);
       }},
      {"recurrent", "lstm", {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, false);
       }},
      {"recurrent", "lstm, masked", {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, true);
       }},
      {"recurrent", "lstm of other functions", {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kLinear,
                             kernels::RecurrentFn::kHardSigmoid, false, true);
       }},
      {"recurrent", "lstm, nothing kept", {{3, 4, 20}, {5, 20}, {3, 5}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kLstm, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, true, false);
       }},
      {"recurrent", "gru", {{3, 4, 15}, {5, 15}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGru, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, false);
       }},
      {"recurrent", "gru, bias, masked", {{3, 4, 15}, {5, 15}, {3, 5}, {15}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGru, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, true);
       }},
      {"recurrent", "gru, reset before", {{3, 4, 15}, {5, 15}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGruBefore, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, false, false);
       }},
      {"recurrent", "gru, reset before, masked", {{3, 4, 15}, {5, 15}, {3, 5}}, -1, 1,
       [](const Values& v) {
         return recurrent_of(v, kernels::RecurrentCell::kGruBefore, kernels::RecurrentFn::kTanh,
                             kernels::RecurrentFn::kSigmoid, true, true);
       }},
      {"adaptive_max_pool", "", {{2, 7, 2}}, -1, 1,
       [](const Values& v) { return adaptive_max_pool(v[0], {3}); }},
      {"adaptive_average_pool", "", {{1, 5, 4, 2}}, -1, 1,
       [](const Values& v) { return adaptive_average_pool(v[0], {3, 2}); }},
      {"resample", "", {{2, 4, 3}}, -1, 1,
       [](const Values& v) {
         kernels::AxisMap map;
         map.in = 4;
         for (int i = 0; i < 3; ++i) {
           map.add(i, 0.5);
           map.add(3 - i, -2);
           map.finish();
         }
         return resample(v[0], 1, map);
       }},
      {"zero_pad", "", {{2, 3, 2}}, -1, 1, [](const Values& v) { return zero_pad(v[0], 1, 1, 2); }},
      {"repeat_elements", "", {{2, 3}}, -1, 1,
       [](const Values& v) { return repeat_elements(v[0], -1, 2); }},
      {"resize_axis", "", {{2, 5}}, -1, 1,
       [](const Values& v) { return resize_axis(v[0], 1, 7, "bicubic"); }},
      {"middle", "", {{2, 5}}, -1, 1, [](const Values& v) { return middle(v[0], 1, 2); }},
      {"crop_to_proportions", "", {{2, 5, 4, 1}}, -1, 1,
       [](const Values& v) { return crop_to_proportions(v[0], 1, 6, 3); }},
      {"pad_to_proportions", "", {{2, 3, 2, 1}}, -1, 1,
       [](const Values& v) { return pad_to_proportions(v[0], 1, 2, 2, 0.5); }},
      {"to_channels_last", "", {{2, 3, 2, 4}}, -1, 1,
       [](const Values& v) { return to_channels_last(v[0], "channels_first"); }},
      {"from_channels_last", "", {{2, 3, 2, 4}}, -1, 1,
       [](const Values& v) { return from_channels_last(v[0], "channels_first"); }},
      {"sum", "", {{3, 4}}, -1, 1, [](const Values& v) { return sum(v[0]); }},
      {"sum", "last", {{2, 3, 4}}, -1, 1, [](const Values& v) { return sum(v[0], {-1}); }},
      {"sum", "first", {{2, 3, 4}}, -1, 1, [](const Values& v) { return sum(v[0], {0, 1}); }},
      {"sum", "ends", {{2, 3, 4}}, -1, 1, [](const Values& v) { return sum(v[0], {0, 2}, true); }},
      {"mean", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return mean(v[0], {1}); }},
      {"mean", "all", {{2, 3}}, -1, 1, [](const Values& v) { return mean(v[0]); }},
      {"prod", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return prod(v[0], {1}); }},
      {"max", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return max(v[0], {1, 2}); }},
      {"min", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return min(v[0], {0}, true); }},
      {"logsumexp", "", {{2, 3, 4}}, -2, 2, [](const Values& v) { return logsumexp(v[0], {1}); }},
      {"logsumexp", "kept", {{3, 4}}, -2, 2, [](const Values& v) { return logsumexp(v[0], {-1}, true); }},
      {"moments", "mean", {{5, 3}}, -2, 2, [](const Values& v) { return moments(v[0], {0}).first; }},
      {"moments", "variance", {{5, 3}}, -2, 2, [](const Values& v) { return moments(v[0], {0}).second; }},
      {"moments", "both", {{2, 5, 3}}, -2, 2,
       [](const Values& v) {
         const auto [mean, variance] = moments(v[0], {-1}, true);
         return (v[0] - mean) * rsqrt(variance + 1e-3);
       }},
      {"sum_to_like", "", {{2, 3, 4}, {3, 1}}, -1, 1,
       [](const Values& v) { return square(sum_to_like(v[0], v[1])); }},
      {"broadcast_like", "", {{3, 1}, {2, 3, 4}}, -1, 1,
       [](const Values& v) { return square(broadcast_like(v[0], v[1])); }},
      {"reshape", "", {{2, 6}}, -1, 1, [](const Values& v) { return reshape(v[0], {4, kUnknown}); }},
      {"reshape_like", "", {{2, 6}, {3, 4}}, -1, 1, [](const Values& v) { return reshape_like(v[0], v[1]); }},
      {"transpose", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return transpose(v[0], {2, 0, 1}); }},
      {"expand_dims", "", {{2, 3}}, -1, 1, [](const Values& v) { return expand_dims(v[0], 1); }},
      {"squeeze", "", {{2, 1, 3}}, -1, 1, [](const Values& v) { return squeeze(v[0], -2); }},
      {"concatenate", "", {{2, 1, 3}, {2, 4, 3}}, -1, 1, [](const Values& v) { return concatenate(v, 1); }},
      {"slice", "", {{2, 5, 3}}, -1, 1, [](const Values& v) { return slice(v[0], 1, 1, 4); }},
      {"slice_into_zeros_like", "", {{2, 2}, {2, 5}}, -1, 1,
       [](const Values& v) { return slice_into_zeros_like(v[0], v[1], -1, 2); }},
      {"softmax", "", {{3, 5}}, -2, 2, [](const Values& v) { return softmax(v[0]); }},
      {"softmax", "axis", {{2, 3, 4}}, -2, 2, [](const Values& v) { return softmax(v[0], 1); }},
      {"log_softmax", "", {{3, 5}}, -2, 2, [](const Values& v) { return log_softmax(v[0]); }},
      {"log_softmax", "axis", {{3, 5}}, -2, 2, [](const Values& v) { return log_softmax(v[0], 0); }},
      {"sparsemax", "", {{3, 5}}, -1, 1, [](const Values& v) { return sparsemax(v[0]); }},
      {"get_item", "", {{3, 4, 5}}, -1, 1,
       [](const Values& v) {
         return get_item(v[0], Json::parse(R"([{"class_name": "__slice__", "config": {}},
             {"class_name": "__slice__", "config": {"start": 1, "stop": -1}}, null, 2])"));
       }},
      {"get_item", "ellipsis", {{3, 4, 5}}, -1, 1,
       [](const Values& v) {
         return get_item(v[0], Json::parse(R"([{"class_name": "__ellipsis__", "config": {}}, -1])"));
       }},
      {"ctc_loss", "", {{2, 5, 4}}, -1, 1,
       [](const Values& v) {
         const Value labels = v[0].graph().constant(Tensor::of<std::int32_t>({2, 2}, {1, 2, 3, 0}));
         return ctc_loss(labels, v[0]);
       }},
      {"ctc_loss", "lengths", {{3, 5, 4}}, -1, 1,
       [](const Values& v) {
         const auto whole = [&](Shape shape, const std::vector<std::int32_t>& of) {
           return v[0].graph().constant(Tensor::of<std::int32_t>(std::move(shape), of));
         };
         return ctc_loss(whole({3, 2}, {1, 1, 0, 2, 2, 9}), v[0], whole({3}, {2, 1, 0}), whole({3}, {5, 3, 4}), 3);
       }},
      {"fmod", "", {{3, 4}, {4}}, 0.3, 2, [](const Values& v) { return fmod(4.0 * v[0], v[1]); }},
      {"atan2", "", {{3, 4}, {3, 1}}, -2, 2, [](const Values& v) { return atan2(v[0], v[1]); }},
      {"take", "", {{2, 4, 3}}, -1, 1,
       [](const Values& v) {
         return take(v[0], v[0].graph().constant(Tensor::of<std::int32_t>({2, 2}, {0, 3, -1, 3})), 1);
       }},
      {"take_along_axis", "", {{2, 4, 3}}, -1, 1,
       [](const Values& v) { return take_along_axis(v[0], argsort(v[0] * v[0], 1), 1); }},
      {"add_taken", "", {{2, 3}, {2, 4}}, -1, 1,
       [](const Values& v) {
         const Value places = v[0].graph().constant(Tensor::of<std::int32_t>({3}, {1, 1, 3}));
         return square(add_taken(v[0], places, v[1], 1));
       }},
      {"add_taken_along_axis", "", {{2, 3}, {2, 4}}, -1, 1,
       [](const Values& v) {
         const Value places =
             v[0].graph().constant(Tensor::of<std::int32_t>({2, 3}, {1, 1, 3, 0, 2, 2}));
         return square(add_taken_along_axis(v[0], places, v[1], 1));
       }},
      {"sort", "", {{3, 5}}, -1, 1, [](const Values& v) { return sort(v[0]); }},
      {"sort", "descending", {{3, 5}}, -1, 1, [](const Values& v) { return sort(v[0], 0, true); }},
      {"cumsum", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return cumsum(v[0], 1); }},
      {"reverse_cumsum", "", {{2, 4}}, -1, 1, [](const Values& v) { return reverse_cumsum(v[0], -1); }},
      {"pick", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return pick(v[0], 1, {3, 0, 0}); }},
      {"flip", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return flip(v[0], 1); }},
      {"roll", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return roll(v[0], 2, -1); }},
      {"stride", "", {{2, 7}}, -1, 1, [](const Values& v) { return stride(v[0], 1, 5, 0, -2); }},
      {"pad_mirrored", "", {{2, 3}}, -1, 1,
       [](const Values& v) { return pad_mirrored(v[0], 1, 4, 2, "reflect"); }},
      {"dot_product_attention", "", {{2, 3, 2, 4}, {2, 5, 2, 4}, {2, 5, 2, 3}}, -1, 1,
       [](const Values& v) { return dot_product_attention(v[0], v[1], v[2], {.scale = 0.5}); }},
      {"dot_product_attention", "causal, shared keys", {{2, 5, 4, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}},
       -1, 1,
       [](const Values& v) {
         return dot_product_attention(v[0], v[1], v[2], {.scale = 0.7, .causal = true});
       }},
      {"dot_product_attention", "mask and bias", {{2, 4, 2, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}, {2, 1, 4, 4}},
       -1, 1,
       [](const Values& v) {
         const Value mask = window_mask(v[0].graph(), 4, 4, 2, v[0].dtype());
         return dot_product_attention(v[0], v[1], v[2], {.mask = mask, .bias = v[3]});
       }},
      {"dot_product_attention", "masked rows", {{2, 4, 2, 3}, {2, 4, 2, 3}, {2, 4, 2, 3}},
       -1, 1,
       [](const Values& v) {
         const Tensor seen = Tensor::of<float>({2, 1, 1, 4}, {1, 0, 1, 1, 0, 0, 0, 0});
         const Value mask = v[0].graph().constant(seen.as(v[0].dtype()));
         return dot_product_attention(v[0], v[1], v[2], {.causal = true, .mask = mask});
       }},
      {"for_each_head", "", {{2, 3, 2, 2}}, -1, 1,
       [](const Values& v) { return for_each_head(v[0], 4); }},
      {"einsum", "", {{2, 3, 4}, {2, 5, 4}}, -1, 1,
       [](const Values& v) { return einsum("bij,bkj->bki", v); }},
      {"einsum", "attention", {{2, 3, 2, 4}, {2, 5, 2, 4}}, -1, 1,
       [](const Values& v) { return einsum("aecd,abcd->acbe", v); }},
      {"einsum", "both transposed", {{3, 2}, {4, 3}}, -1, 1,
       [](const Values& v) { return einsum("ab,ca->bc", v); }},
      {"einsum", "sums and diagonals", {{3, 3, 2}, {4, 2}}, -1, 1,
       [](const Values& v) { return einsum("iij,kj", v); }},
      {"einsum", "three, with dots", {{2, 3, 4}, {2, 3}, {4}}, -1, 1,
       [](const Values& v) { return einsum("...ij,...i,j->...i", v); }},
      {"to_floating", "", {{4}}, -1, 1, [](const Values& v) { return to_floating(v[0]); }},
      {"widened", "", {{4}}, -1, 1, [](const Values& v) { return widened(v[0]); }},
      {"in_floats", "", {{4}}, -1, 1, [](const Values& v) { return in_floats(v[0], square); }},
      {"sparsemax", "axis", {{3, 5}}, -1, 1, [](const Values& v) { return sparsemax(v[0], 0); }},
      {"transposed", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return transposed(v[0]); }},
      {"symmetrized", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return symmetrized(v[0]); }},
      {"triangle", "lower", {{2, 3, 4}}, -1, 1, [](const Values& v) { return triangle(v[0], true, 1); }},
      {"triangle", "upper", {{4, 3}}, -1, 1, [](const Values& v) { return triangle(v[0], false, -1); }},
      {"diagonal_matrix", "", {{2, 3}}, -1, 1, [](const Values& v) { return diagonal_matrix(v[0]); }},
      {"power_norm", "", {{3, 4}}, 0.5, 1, [](const Values& v) { return power_norm(v[0], 3, {1}, true); }},
      {"cholesky", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return cholesky(spread(spread(v[0]))); }},
      {"solve", "", {{2, 3, 3}, {2, 3, 2}}, -1, 1,
       [](const Values& v) { return solve(spread(v[0]), v[1]); }},
      {"solve", "transposed, broadcast", {{3, 3}, {2, 3, 2}}, -1, 1,
       [](const Values& v) { return solve(spread(v[0]), v[1], true); }},
      {"solve", "broadcast right side", {{2, 3, 3}, {3, 2}}, -1, 1,
       [](const Values& v) { return solve(spread(v[0]), v[1]); }},
      {"solve", "gradient of its gradient", {{3, 3}, {3, 2}}, -1, 1,
       [](const Values& v) {
         return gradients(sum(square(solve(spread(v[0]), v[1]))), v)[0];
       }},
      {"solve_triangular", "lower", {{2, 3, 3}, {2, 3, 2}}, -1, 1,
       [](const Values& v) { return solve_triangular(spread(v[0]), v[1], true); }},
      {"solve_triangular", "upper, transposed", {{3, 3}, {2, 3, 2}}, -1, 1,
       [](const Values& v) { return solve_triangular(spread(v[0]), v[1], false, true); }},
      {"solve_triangular", "lower, transposed, unit", {{3, 3}, {3, 2}}, -1, 1,
       [](const Values& v) { return solve_triangular(v[0], v[1], true, true, true); }},
      {"solve_triangular", "upper, unit", {{2, 3, 3}, {3, 2}}, -1, 1,
       [](const Values& v) { return solve_triangular(v[0], v[1], false, false, true); }},
      {"inverse", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return inverse(spread(v[0])); }},
      {"det", "", {{2, 4, 4}}, -1, 1, [](const Values& v) { return det(v[0]); }},
      {"det", "of singular matrices", {{1, 3}}, -1, 1,
       [](const Values& v) {  // the first row twice
         const Value rest = v[0].graph().constant(Tensor::of<double>({1, 3}, {1, 2, 4}));
         return det(concatenate({v[0], cast(rest, v[0].dtype()), v[0] + 1e-3 * (v[0] * v[0])}, 0));
       }},
      {"slogdet", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return all_of(slogdet(spread(v[0]))); }},
      {"lu_factor", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return lu_factor(v[0]).lu; }},
      {"lu_factor", "tall", {{4, 2}}, -1, 1, [](const Values& v) { return lu_factor(v[0]).lu; }},
      {"lu_factor", "wide", {{2, 2, 4}}, -1, 1, [](const Values& v) { return lu_factor(v[0]).lu; }},
      {"qr", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return all_of(qr(spread(v[0]))); }},
      {"qr", "tall", {{2, 4, 2}}, -1, 1, [](const Values& v) { return all_of(qr(spread(v[0]))); }},
      {"qr", "wide", {{2, 2, 4}}, -1, 1, [](const Values& v) { return all_of(qr(spread(v[0]))); }},
      {"qr", "complete", {{2, 4, 2}}, -1, 1, [](const Values& v) { return all_of(qr(spread(v[0]), true)); }},
      {"qr", "complete, wide", {{2, 4}}, -1, 1, [](const Values& v) { return all_of(qr(spread(v[0]), true)); }},
      {"qr", "q alone", {{3, 2}}, -1, 1, [](const Values& v) { return qr(spread(v[0])).first; }},
      {"eigh", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return all_of(eigh(spread(v[0]))); }},
      {"eigh", "values", {{3, 3}}, -1, 1, [](const Values& v) { return eigh(spread(v[0])).first; }},
      {"eigh", "vectors", {{3, 3}}, -1, 1, [](const Values& v) { return eigh(spread(v[0])).second; }},
      {"svd", "", {{2, 3, 3}}, -1, 1, [](const Values& v) { return all_of(svd(spread(v[0]), true)); }},
      {"svd", "tall", {{2, 4, 2}}, -1, 1, [](const Values& v) { return all_of(svd(spread(v[0]))); }},
      {"svd", "wide", {{2, 4}}, -1, 1, [](const Values& v) { return all_of(svd(spread(v[0]))); }},
      {"svd", "left vectors", {{4, 2}}, -1, 1, [](const Values& v) { return svd(spread(v[0])).u; }},
      {"svd", "right vectors", {{4, 2}}, -1, 1, [](const Values& v) { return svd(spread(v[0])).vt; }},
      {"svd", "values of full", {{4, 2}}, -1, 1, [](const Values& v) { return svd(spread(v[0]), true).s; }},
      {"singular_values", "", {{2, 3, 4}}, -1, 1,
       [](const Values& v) { return singular_values(spread(v[0])); }},
      {"pseudoinverse", "tall", {{2, 4, 2}}, -1, 1,
       [](const Values& v) { return pseudoinverse(spread(v[0])); }},
      {"pseudoinverse", "wide", {{2, 4}}, -1, 1,
       [](const Values& v) { return pseudoinverse(spread(v[0]), 0.0, true); }},
      {"move_axes", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return move_axes(v[0], {0, 1}, {-1, 0}); }},
      {"take_or_zero", "", {{3, 2}}, -1, 1, [](const Values& v) { return take_or_zero(v[0], places_of(v[0]), 0); }},
      {"take_or_zero", "of its gradient", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return square(add_taken(v[1], places_of(v[0]), v[0], 0) + v[0]); }},
      {"scatter_add", "", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return scatter_add(v[0], places_of(v[0]), v[1]); }},
      {"scatter_multiply", "", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return scatter_multiply(v[0], places_of(v[0]), v[1]); }},
      {"scatter_multiply", "with zeros", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) {
         // One factor of row 0 and two of row 2 are 0.
         Tensor some = Tensor::of<double>({5, 2}, {1, 0, 0, 1, 0, 1, 1, 1, 1, 1});
         const Value kept = v[1].graph().constant(some.as(v[1].dtype()));
         return scatter_multiply(v[0], places_of(v[0]), v[1] * kept);
       }},
      {"scatter_max", "", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return scatter_max(v[0], places_of(v[0]), v[1]); }},
      {"scatter_min", "", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return scatter_min(v[0], places_of(v[0]), v[1]); }},
      {"scatter_set", "", {{3, 2}, {5, 2}}, -1, 1,
       [](const Values& v) { return scatter_set(v[0], places_of(v[0]), v[1]); }},
      {"named", "cdist", {{2, 3, 4}, {2, 2, 4}}, -1, 1, [](const Values& v) { return named("cdist", v, "{}"); }},
      {"named", "ldexp", {{3}}, -1, 1, [](const Values& v) { return named("ldexp", v, R"({"x2": [1, -2, 3]})"); }},
      {"named", "linspace", {{3}, {2, 3}}, -1, 1,
       [](const Values& v) { return named("linspace", v, R"({"num": 4, "axis": 1, "endpoint": false})"); }},
      {"named", "logspace", {{3}, {3}}, -1, 1,
       [](const Values& v) { return named("logspace", v, R"({"num": 3, "base": 2.5})"); }},
      {"named", "geomspace", {{3}, {3}}, 1, 2, [](const Values& v) { return named("geomspace", v, R"({"num": 4})"); }},
      {"named", "histogram edges", {{7}}, -1, 1,
       [](const Values& v) { return named("histogram", v, R"({"bins": 3})", 1); }},
      {"named", "nanquantile", {{3, 5}}, -1, 1,
       [](const Values& v) { return named("nanquantile", v, R"({"q": [0.2, 0.7], "axis": 1})"); }},
      {"named", "nanmedian", {{3, 5}}, -1, 1, [](const Values& v) { return named("nanmedian", v, "{}"); }},
      {"named", "unique", {{3, 2}}, -1, 1, [](const Values& v) { return named("unique", v, R"({"size": 4})"); }},
      {"named", "unfold", {{2, 2, 4, 5}}, -1, 1,
       [](const Values& v) { return named("unfold", v, R"({"kernel_size": 2, "padding": [1, 0], "stride": [1, 2], "dilation": [2, 1]})"); }},
      {"named", "fold", {{2, 8, 6}}, -1, 1,
       [](const Values& v) { return named("fold", v, R"({"output_size": [3, 4], "kernel_size": 2})"); }},
      {"named", "image.extract_patches", {{2, 4, 5, 2}}, -1, 1,
       [](const Values& v) { return named("image.extract_patches", v, R"({"size": [2, 3], "strides": 2, "padding": "same"})"); }},
      {"named", "rearrange", {{2, 6, 2}}, -1, 1,
       [](const Values& v) { return named("rearrange", v, R"({"pattern": "a (b c) d -> c (a d) b", "axes_lengths": {"b": 2}})"); }},
      {"named", "scatter_update", {{3, 2}, {2, 2}}, -1, 1,
       [](const Values& v) { return named("scatter_update", {v[0], v[0].graph().constant(Tensor::of<std::int32_t>({2, 1}, {2, 0})), v[1]}, "{}"); }},
      {"named", "segment_prod", {{3, 2}}, 0.5, 1,
       [](const Values& v) { return named("segment_prod", {v[0], v[0].graph().constant(Tensor::of<std::int32_t>({3}, {1, 0, 1}))}, R"({"num_segments": 3})"); }},
      {"fourier", "", {{2, 6}, {2, 6}}, -1, 1, [](const Values& v) { return all_of(fourier(v[0], v[1])); }},
      {"fourier", "inverse", {{7}, {7}}, -1, 1,
       [](const Values& v) { return all_of(fourier(v[0], v[1], true)); }},
      {"fourier", "imaginary part", {{8}, {8}}, -1, 1, [](const Values& v) { return fourier(v[0], v[1]).second; }},
      {"real_fourier", "", {{2, 8}}, -1, 1, [](const Values& v) { return all_of(real_fourier(v[0])); }},
      {"real_fourier", "odd length", {{2, 5}}, -1, 1,
       [](const Values& v) { return real_fourier(v[0]).first; }},
      {"inverse_real_fourier", "", {{2, 5}, {2, 5}}, -1, 1,
       [](const Values& v) { return inverse_real_fourier(v[0], v[1], 8); }},
      {"inverse_real_fourier", "odd length", {{4}, {4}}, -1, 1,
       [](const Values& v) { return inverse_real_fourier(v[0], v[1], 7); }},
      {"sequences", "", {{2, 8}}, -1, 1, [](const Values& v) { return sequences(v[0], 3, 2); }},
      {"sequences", "apart", {{9}}, -1, 1, [](const Values& v) { return sequences(v[0], 2, 3); }},
      {"overlap_added", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return overlap_added(v[0], 2, 9); }},
      {"short_time_fourier", "", {{2, 9}}, -1, 1,
       [](const Values& v) {
         return all_of(short_time_fourier(v[0], spectrum_window("hann", 5, 6), 2, true));
       }},
      {"inverse_short_time_fourier", "", {{2, 4, 4}, {2, 4, 4}}, -1, 1,
       [](const Values& v) {
         return inverse_short_time_fourier(v[0], v[1], spectrum_window("hamming", 6, 6), 3, true, {});
       }},
      {"counted_along", "", {{2, 3}}, -1, 1, [](const Values& v) { return counted_along(v[0], 4, 3) * sum(v[0]); }},
      {"to_grayscale", "", {{2, 2, 2, 3}}, 0, 1, [](const Values& v) { return to_grayscale(v[0]); }},
      {"to_hsv", "", {{2, 3, 3, 3}}, 0.1, 1,
       [](const Values& v) {
         const auto [hue, saturation, value] = to_hsv(v[0]);
         return concatenate({hue, saturation * 2.0, value * 3.0}, 3);
       }},
      {"from_hsv", "", {{1, 3, 3, 1}, {1, 3, 3, 1}, {1, 3, 3, 1}}, 0.1, 0.9,
       [](const Values& v) { return from_hsv({v[0], v[1], v[2]}); }},
      {"blur", "", {{2, 4, 3, 2}, {}}, 0.5, 1, [](const Values& v) { return blur(v[0], 1, 3, v[1]); }},
      {"blur", "valid", {{1, 4, 3, 2}, {}}, 0.5, 1,
       [](const Values& v) { return blur(v[0], 2, 2, v[1], Padding::kValid); }},
      {"sample", "", {{2, 3, 4, 2}, {2, 2, 3, 2}}, -1, 1,
       [](const Values& v) { return sample(v[0], v[1] * 2.7 + 1.1, true, kernels::Fill::kReflect, 0); }},
      {"sample", "constant", {{2, 3, 4, 2}, {2, 2, 3, 2}}, -1, 1,
       [](const Values& v) { return sample(v[0], v[1] * 2.7 + 1.1, true, kernels::Fill::kConstant, 0.7); }},
      {"sample", "nearest", {{2, 3, 4, 2}, {2, 2, 3, 2}}, -1, 1,
       [](const Values& v) { return sample(v[0], v[1] * 2.7 + 1.1, false, kernels::Fill::kWrap, 0) + sum(v[1]); }},
      {"named", "image.affine_transform", {{2, 3, 4, 2}, {2, 8}}, -0.5, 1,
       [](const Values& v) { return named("image.affine_transform", v, R"({"fill_mode": "mirror"})"); }},
      {"named", "image.perspective_transform", {{2, 3, 4, 2}, {2, 4, 2}}, 0, 0.5,
       [](const Values& v) {
         const Value corners = v[0].graph().constant(Tensor::of<double>({4, 2}, {0, 0, 3, 0, 0, 2, 3, 2}));
         const Value start = cast(corners, v[0].dtype()) + v[1];
         return named("image.perspective_transform", {v[0], start, start + square(v[1])}, "{}");
       }},
      {"named", "image.map_coordinates", {{3, 4}, {2, 5}}, -1, 1,
       [](const Values& v) {
         return named("image.map_coordinates", {v[0], v[1] * 2.9 + 1.2}, R"({"order": 1, "fill_mode": "wrap"})");
       }},
      {"named", "image.scale_and_translate", {{1, 4, 5, 1}, {2}, {2}}, 0.6, 1,
       [](const Values& v) {
         return named("image.scale_and_translate", v,
                      R"({"output_shape": [null, 3, 4, 1], "spatial_dims": [1, 2], "method": "cubic"})");
       }},
      {"named", "image.scale_and_translate lanczos", {{1, 6, 1}, {1}, {1}}, 0.6, 1,
       [](const Values& v) {
         return named("image.scale_and_translate", v,
                      R"({"output_shape": [1, 8, 1], "spatial_dims": [1], "method": "lanczos3"})");
       }},
      {"named", "image.ssim", {{1, 4, 4, 2}, {1, 4, 4, 2}}, 0, 1,
       [](const Values& v) { return named("image.ssim", v, R"({"filter_size": 3})"); }},
      {"named", "image.sobel_edges", {{1, 3, 4, 2}}, 0, 1,
       [](const Values& v) { return named("image.sobel_edges", v, "{}"); }},
      {"log_or_zero", "", {{9}}, 0.5, 2,
       [](const Values& v) {
         // Of the inner gradient rules, one that has a gradient itself: by way of power's.
         Value loss = sum(power(v[0], v[0]));
         return gradients(loss, v)[0];
       }},
  };
  return kCases;
}

// Functions that hand nothing back: by value they are tested elsewhere.
const std::set<std::string>& without_gradient() {
  static const std::set<std::string> kNames = {"affine_transform",
                                               "quantized_matmul",  // quantized_test.cpp
                                               "quantized_conv",
                                               "random_log_gamma",
                                               "eye_like",
                                               "row_places",
                                               "ctc_beam_search",
                                               "view",
                                               "cofactors",
                                               "argsort",
                                               "integer_function",
                                               "sign",
                                               "floor",
                                               "round",
                                               "equal",
                                               "not_equal",
                                               "greater",
                                               "greater_equal",
                                               "less",
                                               "less_equal",
                                               "is_finite",
                                               "zeros_like",
                                               "ones_like",
                                               "causal_mask",
                                               "window_mask",
                                               "argmax",
                                               "count",
                                               "one_hot",
                                               "random_uniform",
                                               "random_normal",
                                               "confusion_counts",
                                               "call_named",
                                               "lookup_index",
                                               "lookup_token",
                                               "hash_bins",
                                               "cross_hashed",
                                               "token_indices",
                                               "token_counts"};
  return kNames;
}

// Numbers between low and high that look random, the same each time.
Tensor numbers(const Shape& shape, double low, double high, unsigned seed) {
  Tensor tensor(DType::kFloat64, shape);
  std::uint32_t state = seed * 2654435761u + 12345u;
  for (double& x : tensor.span<double>()) {
    state = state * 1664525u + 1013904223u;
    x = low + (high - low) * (static_cast<double>(state >> 8) * 0x1p-24);
  }
  return tensor;
}

std::vector<Tensor> operands(const Case& c, DType dtype) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < c.shapes.size(); ++i)
    tensors.push_back(numbers(c.shapes[i], c.low, c.high, static_cast<unsigned>(i) + 1).as(dtype));
  return tensors;
}

// The result, and a scalar that depends on each of its elements differently.
Value weighted(Value out) {
  const Tensor weights = numbers(out.shape(), 0.5, 1.5, 99).as(out.dtype());
  return sum(out * out.graph().constant(weights));
}

// Result first, then the gradients by the operands.
std::vector<Tensor> run_with_gradients(const Case& c, DType dtype, bool optimized) {
  return run_graph(
      operands(c, dtype),
      [&](const Values& v) {
        const Value out = c.build(v);
        Values results{out};
        const std::vector<Value> d = gradients(weighted(out), v);
        for (std::size_t i = 0; i < v.size(); ++i)
          results.push_back(d[i] ? d[i] : zeros_like(v[i]));
        return results;
      },
      optimized);
}

class EveryCase : public testing::TestWithParam<std::size_t> {
 protected:
  const Case& c() const { return cases()[GetParam()]; }
};

TEST_P(EveryCase, GradientIsThatOfFiniteDifferences) {
  const std::vector<Tensor> results = run_with_gradients(c(), DType::kFloat64, false);
  std::vector<Tensor> in = operands(c(), DType::kFloat64);
  const auto loss = [&] {
    return *run_one(in, [&](const Values& v) { return weighted(c().build(v)); }).data<double>();
  };
  bool any = false;
  for (std::size_t k = 0; k < in.size(); ++k)
    for (std::int64_t i = 0; i < in[k].size(); ++i) {
      double& x = in[k].data<double>()[i];
      const double kept = x, h = 1e-5;
      x = kept + h;
      const double above = loss();
      x = kept - h;
      const double below = loss();
      x = kept;
      const double expected = (above - below) / (2 * h), got = results[k + 1].data<double>()[i];
      EXPECT_NEAR(got, expected, 1e-7 * (1 + std::fabs(expected)))
          << "operand " << k << " element " << i;
      any = any || got != 0;
    }
  EXPECT_TRUE(any) << "no gradient at all";
}

TEST_P(EveryCase, FloatIsCloseToDouble) {
  const std::vector<Tensor> wide = run_with_gradients(c(), DType::kFloat64, false);
  const std::vector<Tensor> narrow = run_with_gradients(c(), DType::kFloat32, false);
  for (std::size_t k = 0; k < wide.size(); ++k) {
    ASSERT_EQ(narrow[k].shape(), wide[k].shape());
    double scale = 1;
    for (const double x : wide[k].span<double>()) scale = std::max(scale, std::fabs(x));
    for (std::int64_t i = 0; i < wide[k].size(); ++i)
      EXPECT_NEAR(static_cast<double>(narrow[k].data<float>()[i]), wide[k].data<double>()[i],
                  4e-6 * scale)
          << "result " << k << " element " << i;
  }
}

TEST_P(EveryCase, OptimizedIsThePlainGraphBitForBit) {
  const std::vector<Tensor> plain = run_with_gradients(c(), DType::kFloat32, false);
  const std::vector<Tensor> optimized = run_with_gradients(c(), DType::kFloat32, true);
  for (std::size_t k = 0; k < plain.size(); ++k)
    EXPECT_EQ(elements(optimized[k]), elements(plain[k])) << "result " << k;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryCase, testing::Range(std::size_t{0}, cases().size()),
                         [](const auto& info) {
                           const Case& c = cases()[info.param];
                           const std::string name =
                               std::string(c.function) + (*c.what ? std::string("_") + c.what : "");
                           return std::regex_replace(name, std::regex("[^a-z0-9_]+"), "_");
                         });

std::set<std::string> tested_functions() {
  std::set<std::string> names;
  for (const Case& c : cases()) names.insert(c.function);
  return names;
}

TEST(Completeness, EveryFunctionOfTheHeadersHasACase) {
  const std::filesystem::path folder =
      std::filesystem::path(KERATIN_TEST_DATA) / ".." / ".." / "src" / "ops";
  const std::set<std::string> tested = tested_functions();
  const std::regex declaration(R"(^(?:Value|std::pair<Value, Value>) (\w+)\()");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, declaration)) continue;
      ++found;
      const std::string name = match[1];
      EXPECT_NE(tested.count(name), without_gradient().count(name))
          << name << " of " << entry.path().filename()
          << " belongs in cases() or in without_gradient()";
    }
  }
  EXPECT_GT(found, 60);
}

TEST(Completeness, EveryElementwiseFunctionHasACase) {
  const std::set<std::string> tested = tested_functions();
  // Names of the table that go by another name, or that only gradient rules use.
  const std::set<std::string> inner = {"copy", "share_of_extreme", "share_of_clip"};
  for (int i = 0; i < kernels::kFunctionCount; ++i) {
    const auto fn = static_cast<kernels::Fn>(i);
    const std::string name(kernels::name_of(fn));
    if (inner.count(name)) continue;
    EXPECT_EQ(has_gradient(fn), tested.count(name) == 1) << name;
    EXPECT_NE(has_gradient(fn), without_gradient().count(name) == 1) << name;
  }
}

TEST(WithoutGradient, NothingIsHandedBack) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {3, 4}});
  const auto seed =
      std::make_shared<Variable>("seed", Tensor::of<std::uint32_t>({2}, {1, 0}), false);
  for (const Value& y : {sign(x), floor(x), round(x), equal(x, 1.0), not_equal(x, x),
                         greater(x, 0.0), greater_equal(x, 0.0), less(x, 0.0), less_equal(x, 0.0),
                         is_finite(x), zeros_like(x), ones_like(x), stop_gradient(x),
                         cast(argmax(x, 0), DType::kFloat32), count(x), random_uniform(seed, x),
                         random_normal(seed, x), sum(confusion_counts(x, x, x, {0.5f}, false))})
    EXPECT_FALSE(gradients(sum(y), Values{x})[0]);
}

}  // namespace
}  // namespace keratin::ops
