// Attention and AdditiveAttention: a value for each query, weighted by how the keys agree with it.
#include "ops/attention.h"
#include "nn/layers/layer.h"
#include "nn/seed.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/picking.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin {
namespace {

// [query, value] or [query, value, key], query [batch, t, width], value and key [batch, s, width]
// -> [batch, t, width]: softmax of the scores of queries with keys, luong-style, times value.
class Attention : public Layer {
 public:
  bool use_scale = false;
  std::string score_mode = "dot";
  double dropout = 0;
  Seed seed;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (dropout > 0 && !seed_state()) add_seed_state(seed.value());
  }

  std::pair<int, int> input_count() const override { return {2, 3}; }
  bool supports_masking() const override { return true; }
  std::vector<std::string_view> call_parameters() const override {
    return {"inputs", "mask", "return_attention_scores", "use_causal_mask"};
  }

  void build(std::span<const Shape>) override {
    if (use_scale) scale_ = add_weight("scale", {}, ones());
    if (score_mode == "concat")
      concat_score_weight_ = add_weight("concat_score_weight", {}, ones());
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value query = inputs[0], value = inputs[1], key = inputs.back();
    for (const Value& input : inputs)
      require(input.rank() >= 3, "expected inputs of rank 3 or more, got shape ",
              to_string(input.shape()));
    Value logits = scores(context.graph, query, key);
    if (const Value mask = score_mask(context, logits))
      logits = ops::where(mask, logits, logits - 1e9);
    Value weights = ops::softmax(logits);
    if (context.training && dropout > 0) weights = dropped(weights);
    Value output = ops::matmul(weights, value);
    if (const Value mask = context.masks[0])
      output = ops::where(ops::cast(ops::expand_dims(mask, -1), output.dtype()), output, 0.0);
    if (context.arguments.flag("return_attention_scores")) return {output, weights};
    return {output};
  }

 protected:
  static Value spread(Value query, Value key) {  // [batch, t, 1, width] + [batch, 1, s, width]
    return ops::expand_dims(query, -2) + ops::expand_dims(key, -3);
  }

  // [batch, t, s].
  virtual Value scores(Graph& graph, Value query, Value key) const {
    const Value scale = scale_ ? graph.variable(scale_) : Value{};
    if (score_mode == "dot") {
      const Value product = ops::matmul(query, key, false, true);
      return scale ? product * scale : product;
    }
    const Value both = spread(query, key);
    return graph.variable(concat_score_weight_) *
           ops::sum(ops::tanh(scale ? scale * both : both), {-1});
  }

  VariablePtr scale_;

 private:
  // 1 where a key counts, [batch, 1 or t, s]; or null.
  static Value score_mask(CallContext& context, Value logits) {
    Value mask = context.masks[1];
    if (mask) {
      mask = ops::cast(mask, logits.dtype());
      if (mask.rank() == 2) mask = ops::expand_dims(mask, -2);
    }
    if (!context.arguments.flag("use_causal_mask")) return mask;
    const Value causal = ops::causal_mask(context.graph, ops::known_extent(logits, -2),
                                          ops::known_extent(logits, -1), logits.dtype());
    return mask ? mask * causal : causal;
  }

  Value dropped(Value weights) const {
    if (dropout >= 1) return ops::zeros_like(weights);
    const Value kept = ops::less(ops::random_uniform(seed_state(), weights), 1 - dropout);
    return ops::where(kept, weights / (1 - dropout), 0.0);
  }

  VariablePtr concat_score_weight_;
};

template <class C>
ClassInfo described(const char* name, const char* doc) {
  ClassInfo c = class_info<C>("layers", name, "keras.layers", doc);
  c.attributes = Layer::base_attributes<C>();
  c.attributes.insert(
      c.attributes.end(),
      {attribute<C>("use_scale", &C::use_scale, "Whether scores are scaled by a weight."),
       attribute<C>("score_mode", &C::score_mode, "Product of query and key, or tanh of their sum.")
           .one_of({"dot", "concat"}),
       attribute<C>("dropout", &C::dropout, "Part of the weights set to 0 in training.")
           .at_least(0)
           .at_most(1),
       attribute<C>("seed", &C::seed, "Seed of the dropout; null: any.")});
  return c;
}

const ClassInfo& Attention::describe() {
  static const ClassInfo info =
      described<Attention>("Attention", "Values weighted by products of queries and keys.");
  return info;
}
KERATIN_REGISTER(Attention);

// The same with sum(scale tanh(query + key)) for scores, Bahdanau et al. 2015.
class AdditiveAttention : public Attention {
 public:
  AdditiveAttention() { use_scale = true; }

  KERATIN_CLASS

  void build(std::span<const Shape> inputs) override {
    if (use_scale) scale_ = add_weight("scale", {inputs[0].back()}, glorot_uniform());
  }

 protected:
  Value scores(Graph& graph, Value query, Value key) const override {
    const Value bent = ops::tanh(spread(query, key));
    return ops::sum(scale_ ? graph.variable(scale_) * bent : bent, {-1});
  }
};

const ClassInfo& AdditiveAttention::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = described<AdditiveAttention>("AdditiveAttention",
                                               "Values weighted by tanh of queries plus keys.");
    std::erase_if(c.attributes, [](const Attribute& a) { return a.name == "score_mode"; });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AdditiveAttention);

}  // namespace
}  // namespace keratin
