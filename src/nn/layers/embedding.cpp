// Vectors looked up by index: Embedding, and ReversibleEmbedding, which also goes the other way.
#include "nn/layers/quantize.h"
#include "nn/numbers.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Whole numbers [batch, ...] -> [batch, ..., output_dim]: rows of a trained matrix.
class Embedding : public Layer {
 public:
  std::int64_t input_dim = 0, output_dim = 0;
  InitializerPtr embeddings_initializer;  // null: uniform
  RegularizerPtr embeddings_regularizer;
  ConstraintPtr embeddings_constraint;
  bool mask_zero = false;
  std::optional<Numbers> weights;
  Json quantization_config;
  std::optional<std::int64_t> lora_rank, lora_alpha, input_length;

  KERATIN_CLASS

  bool autocast() const override { return false; }
  bool supports_masking() const override { return mask_zero; }

  void configured() override {
    Layer::configured();
    if (lora_rank)
      fail(Code::kUnsupported, "layer '", name, "' (", info().name,
           "): lora_rank is not supported");
    int8_.read(*this, quantization_config);
    if (!embeddings_initializer)
      embeddings_initializer = std::static_pointer_cast<Initializer>(
          create("initializers", "RandomUniform", Json::object()));
    lora_alpha.reset();
    input_length.reset();
    if (!weights) return;
    Tensor given = weights->tensor(compute_dtype());
    if (given.shape().size() == 3 && given.shape()[0] == 1)
      given = given.reshaped({given.shape()[1], given.shape()[2]});
    require(given.shape() == Shape{input_dim, output_dim}, "layer '", name, "' (", info().name,
            "): expected weights of shape ", to_string({input_dim, output_dim}), ", got ",
            to_string(given.shape()));
    given_ = std::move(given);
    weights.reset();  // Keras keeps them in the variable alone
  }

  void build(std::span<const Shape>) override {
    if (quantized()) {
      embeddings_ = add_quantized_weight("embeddings", {input_dim, output_dim}, {input_dim}, int8_);
      return;
    }
    embeddings_ = add_weight("embeddings", {input_dim, output_dim}, embeddings_initializer, true,
                             embeddings_regularizer, embeddings_constraint);
    if (given_) embeddings_->value = std::move(*given_);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value rows = ops::take(context.graph.variable(embeddings_), inputs[0], 0);
    if (!quantized()) return {rows};
    const Value scale = ops::take(context.graph.variable(int8_.scale), inputs[0], 0);
    return {ops::dequantized(rows, ops::expand_dims(scale, -1))};
  }

  Value compute_mask(CallContext&, std::span<const Value> inputs) const override {
    if (!mask_zero) return {};
    const Value x = inputs[0];
    return ops::cast(ops::not_equal(x, x.graph().constant(0.0, x.dtype())), DType::kFloat32);
  }

  Int8Form int8_form() const override { return Int8Form::kDynamic; }
  void quantize() override {
    quantize_weight(embeddings_, 0, {input_dim}, int8_);
    quantization_config = int8_quantization_config();
  }

 protected:
  template <class C>
  static ClassInfo described(const char* class_name, const char* doc) {
    ClassInfo c = class_info<C>("layers", class_name, "keras.layers", doc);
    c.attributes = base_attributes<C>();
    c.attributes.back().omit_default = false;  // activity_regularizer
    c.attributes.insert(
        c.attributes.begin() + 1,
        {attribute<C>("input_dim", &C::input_dim, "How many rows there are.").required().above(0),
         attribute<C>("output_dim", &C::output_dim, "Width of a row.").required().above(0),
         attribute<C>("embeddings_initializer", &C::embeddings_initializer, "Of the matrix."),
         attribute<C>("embeddings_regularizer", &C::embeddings_regularizer, "Penalty on it."),
         attribute<C>("embeddings_constraint", &C::embeddings_constraint, "Projection of it."),
         attribute<C>("mask_zero", &C::mask_zero, "Whether 0 is no word: steps left out.")});
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("weights", &C::weights, "The matrix to begin with.").omitted_if_default(),
         attribute<C>("lora_rank", &C::lora_rank, "Only null.").omitted_if_default(),
         attribute<C>("lora_alpha", &C::lora_alpha, "Has no effect without lora_rank.")
             .omitted_if_default(),
         attribute<C>("quantization_config", &C::quantization_config,
                      "Keras' Int8QuantizationConfig, of a quantized layer."),
         attribute<C>("input_length", &C::input_length, "Has no effect.").omitted_if_default()});
    c.attributes[3].default_value = "uniform";
    return c;
  }

  VariablePtr embeddings_;
  Int8Weight int8_;

 private:
  std::optional<Tensor> given_;
};

const ClassInfo& Embedding::describe() {
  static const ClassInfo info =
      described<Embedding>("Embedding", "Turns whole numbers into vectors that are trained.");
  return info;
}
KERATIN_REGISTER(Embedding);

// Called with reverse=True: [..., output_dim] -> [..., input_dim], how well each row agrees.
class ReversibleEmbedding : public Embedding {
 public:
  bool tie_weights = true;
  std::optional<std::string> reverse_dtype;
  std::optional<double> logit_soft_cap;

  KERATIN_CLASS

  void configured() override {
    Embedding::configured();
    if (reverse_dtype && *reverse_dtype != "float32" && *reverse_dtype != "float64")
      fail(Code::kUnsupported, "layer '", name, "' (ReversibleEmbedding): the reverse_dtype '",
           *reverse_dtype, "' is not supported; float32 and float64 are");
  }

  std::vector<std::string_view> call_parameters() const override { return {"inputs", "reverse"}; }

  void build(std::span<const Shape> inputs) override {
    Embedding::build(inputs);
    if (tie_weights) return;
    if (quantized())
      reverse_embeddings_ = add_quantized_weight("reverse_embeddings", {output_dim, input_dim},
                                                 {input_dim}, reverse_int8_);
    else
      reverse_embeddings_ =
          add_weight("reverse_embeddings", {output_dim, input_dim}, embeddings_initializer);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (!context.arguments.flag("reverse")) {
      std::vector<Value> outputs = Embedding::call(context, inputs);
      context.set_mask(outputs[0], Embedding::compute_mask(context, inputs));
      return outputs;
    }
    const DType dtype = !reverse_dtype                ? compute_dtype()
                        : *reverse_dtype == "float64" ? DType::kFloat64
                                                      : DType::kFloat32;
    const Value kernel = context.graph.variable(tie_weights ? embeddings_ : reverse_embeddings_);
    const Value x = inputs[0];
    require(x.rank() >= 2 && x.shape().back() == output_dim,
            "expected an input of rank 2 or more with a last axis of ", output_dim, ", got shape ",
            to_string(x.shape()));
    Value logits = quantized() ? quantized_logits(ops::cast(x, DType::kFloat32), kernel)
                               : ops::matmul(ops::cast(x, dtype), ops::cast(kernel, dtype), false,
                                             tie_weights);
    if (logit_soft_cap) logits = ops::tanh(logits / *logit_soft_cap) * *logit_soft_cap;
    return {logits};
  }

  Value compute_mask(CallContext&, std::span<const Value>) const override { return {}; }

  void quantize() override {
    Embedding::quantize();
    if (!tie_weights) quantize_weight(reverse_embeddings_, 1, {input_dim}, reverse_int8_);
  }

 private:
  Value quantized_logits(Value x, Value kernel) const {
    const Int8Weight& form = tie_weights ? int8_ : reverse_int8_;
    ops::Int8Kernel k = form.operands(x.graph(), tie_weights ? embeddings_ : reverse_embeddings_);
    if (tie_weights) k.kernel = ops::transpose(kernel, {1, 0});
    if (int8_.inputs) return ops::quantized_matmul(x, k);
    return ops::matmul(x, ops::cast(k.kernel, DType::kFloat32)) / k.kernel_scale;
  }

  VariablePtr reverse_embeddings_;
  Int8Weight reverse_int8_;
};

const ClassInfo& ReversibleEmbedding::describe() {
  static const ClassInfo info = [] {
    using C = ReversibleEmbedding;
    ClassInfo c = described<C>("ReversibleEmbedding",
                               "An Embedding that also leads from vectors back to numbers.");
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("tie_weights", &C::tie_weights, "Whether both ways share a matrix."),
         attribute<C>("reverse_dtype", &C::reverse_dtype, "Of the way back; null: the layer's."),
         attribute<C>("logit_soft_cap", &C::logit_soft_cap,
                      "Bound that logits approach; null: none.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ReversibleEmbedding);

}  // namespace
}  // namespace keratin
