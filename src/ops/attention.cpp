#include "ops/attention.h"

#include <cstdlib>

#include "core/error.h"
#include "graph/op.h"
#include "graph/rows.h"
#include "kernels/attention.h"
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

// The same with the scores of all in memory, for what is added to them has a gradient.
Value stored(Value query, Value key, Value value, const AttentionScores& scores) {
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

// Inputs: query, key, value and, if there are four, a mask. Results: what comes out, and what the
// way back needs.
class AttentionOp : public Op {
 public:
  AttentionOp(double scale, bool causal, Precision precision)
      : scale_(scale), causal_(causal), precision_(precision) {}
  std::string_view name() const override { return "dot_product_attention"; }

  bool by_row(const Node& node) const override { return rows_line_up(node); }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape &q = in[0].shape, &k = in[1].shape, &v = in[2].shape;
    for (const Spec& spec : in)
      require(is_floating(spec.dtype) && spec.dtype == in[0].dtype && spec.shape.size() == 4,
              "attention: expected tensors of rank 4, of float32 or of float64");
    require(compatible({q[0], k[1], k[2], q[3]}, k) && compatible({k[0], k[1], k[2], v[3]}, v),
            "attention: query, key and value of shapes ", to_string(q), ", ", to_string(k), " and ",
            to_string(v), " do not fit");
    require(k[2] > 0 && q[2] % k[2] == 0, "attention: ", q[2], " heads of queries do not share ",
            k[2], " heads of keys");
    if (in.size() > 3) {
      const Shape all{q[0], q[2], q[1], k[1]};
      for (std::size_t i = 0; i < 4; ++i)
        require(in[3].shape[i] == 1 || all[i] == kUnknown || in[3].shape[i] == kUnknown ||
                    in[3].shape[i] == all[i],
                "attention: a mask of shape ", to_string(in[3].shape), " does not fit scores ",
                to_string(all));
    }
    return {{in[0].dtype, {q[0], q[1], q[2], v[3]}}, {in[0].dtype, {q[0], q[2], q[1], 2}}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override;

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in) : bind_as<float>(in);
  }

 protected:
  kernels::AttentionShape layout(std::span<const Spec> in, bool masked) const {
    const Shape &q = in[0].shape, &k = in[1].shape;
    kernels::AttentionShape s{q[0],    q[1],   k[1], q[2], k[2], q[3], in[2].shape[3], scale_,
                              causal_, masked, 0,    0,    0,    0,    precision_};
    if (!masked) return s;
    const Shape& m = in[3].shape;
    std::int64_t* strides[] = {&s.mask_batch, &s.mask_head, &s.mask_row, &s.mask_column};
    for (std::size_t i = 0; i < 4; ++i) *strides[i] = m[i] == 1 ? 0 : product(m, i + 1, 4);
    return s;
  }

  double scale_;
  bool causal_;
  Precision precision_;

 private:
  template <class T>
  Kernel bind_as(std::span<const Spec> in) const {
    const kernels::AttentionShape s = layout(in, in.size() > 3);
    return {[s](const Buffers& b) {
              kernels::attention<T>(s, b.input<T>(0), b.input<T>(1), b.input<T>(2),
                                    s.masked ? b.input<T>(3) : nullptr, b.output<T>(0),
                                    b.output<T>(1), b.scratch);
            },
            kernels::attention_scratch_bytes<T>(s, false)};
  }
};

// Inputs: query, key, value, mask or not, what was kept, the gradient by what came out.
class AttentionGradientOp : public AttentionOp {
 public:
  using AttentionOp::AttentionOp;
  std::string_view name() const override { return "dot_product_attention_gradient"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override { return {in[0], in[1], in[2]}; }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in) : bind_as<float>(in);
  }

 private:
  template <class T>
  Kernel bind_as(std::span<const Spec> in) const {
    const kernels::AttentionShape s = layout(in, in.size() > 5);
    const int kept = s.masked ? 4 : 3;
    return {[s, kept](const Buffers& b) {
              kernels::attention_gradient<T>(
                  s, b.input<T>(0), b.input<T>(1), b.input<T>(2),
                  s.masked ? b.input<T>(3) : nullptr, b.input<T>(kept), b.input<T>(kept + 1),
                  {b.output<T>(0), b.output<T>(1), b.output<T>(2)}, b.scratch);
            },
            kernels::attention_scratch_bytes<T>(s, true)};
  }
};

std::vector<Value> AttentionOp::gradient(const Node& node, std::span<const Value> d_out) const {
  std::vector<Value> inputs = node.inputs;
  inputs.push_back({const_cast<Node*>(&node), 1});
  inputs.push_back(d_out[0]);
  std::vector<Value> d = d_out[0].graph().apply(
      std::make_shared<AttentionGradientOp>(scale_, causal_, precision_), std::move(inputs));
  d.resize(node.inputs.size());
  return d;
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
  if (scores.bias) return stored(query, key, value, scores);
  std::vector<Value> inputs{query, key, value};
  if (scores.mask) {
    Value mask = scores.mask;
    while (mask.rank() < 4) mask = expand_dims(mask, 0);
    inputs.push_back(mask);
  }
  auto op = std::make_shared<AttentionOp>(scores.scale, scores.causal, query.graph().precision);
  return query.graph().apply(std::move(op), std::move(inputs))[0];
}

}  // namespace keratin::ops
