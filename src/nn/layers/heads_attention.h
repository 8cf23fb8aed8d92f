// What MultiHeadAttention and GroupQueryAttention share: projections of query, key and value to
// heads, masks, attention, and the projection of what comes out.
#pragma once

#include "nn/layers/layer.h"
#include "nn/seed.h"

namespace keratin {

class HeadsAttention : public Layer {
 public:
  double dropout = 0;
  bool use_bias = true, use_gate = false;
  std::optional<std::int64_t> sliding_window;
  std::optional<bool> flash_attention;
  InitializerPtr kernel_initializer = glorot_uniform(), bias_initializer = zeros();
  RegularizerPtr kernel_regularizer, bias_regularizer;
  RegularizerPtr inner_activity_regularizer;  // of each projection
  ConstraintPtr kernel_constraint, bias_constraint;
  Seed seed;

  void configured() override;
  // Writes down in the dtype policy which projections are quantized, as a DTypePolicyMap: without
  // it Keras, which does not do so, cannot read what it saved.
  void note_quantized();
  // query and value [batch, time..., width]; key, too, if it is not the value.
  std::pair<int, int> input_count() const override { return {2, 3}; }
  bool takes_list() const override { return false; }
  bool supports_masking() const override { return true; }
  std::vector<std::string_view> call_parameters() const override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;
  std::vector<std::pair<std::string, LayerPtr>> children() const override;
  Json build_config() const override;

 protected:
  // How one projection is made: its last two axes out are heads.
  struct Heads {
    std::int64_t count, width;
  };
  // Makes the projections and what follows them.
  void build_projections(const Shape& query, const Shape& value, const Shape& key, Heads queries,
                         Heads keys, Heads values, const Shape& output);

  // Of the inputs, before their projection; null: all may see all. Axes as far as they are there:
  // [batch, t, s].
  Value attention_mask(CallContext& context, std::span<const Value> inputs) const;
  // Whether a mask given as query_mask counts.
  virtual bool heeds_query_mask() const { return true; }
  // Whether its inputs have no masks afterwards.
  virtual bool takes_masks() const { return false; }
  // "_query_dense" in files, or "query_dense".
  virtual const char* prefix() const { return "_"; }
  // The axes over which steps attend to one another; the others are like the batch.
  virtual std::vector<int> axes() const { return {1}; }
  virtual std::int64_t scale_width() const = 0;

  template <class C>
  static std::vector<Attribute> heads_attributes(RegularizerPtr C::*activity);

 private:
  LayerPtr projection(const char* part, const std::string& equation, const Shape& lead, Shape out,
                      const std::string& bias_axes, const char* activation = "linear") const;
  Json policy_of(const std::string& part) const;
  std::vector<Value> scored(CallContext& context, Value query, Value key, Value value, Value mask);

  LayerPtr query_, key_, value_, gate_, dropout_, output_;
};

template <class C>
std::vector<Attribute> HeadsAttention::heads_attributes(RegularizerPtr C::*activity) {
  return {
      attribute<C>("dropout", &C::dropout, "Part of the weights set to 0 in training.")
          .at_least(0)
          .at_most(1),
      attribute<C>("use_bias", &C::use_bias, "Whether the projections have biases."),
      attribute<C>("sliding_window", &C::sliding_window,
                   "Steps this far apart or farther do not see each other; null: all do.")
          .above(0),
      attribute<C>("flash_attention", &C::flash_attention, "Has no effect.").omitted_if_default(),
      attribute<C>("kernel_initializer", &C::kernel_initializer, "Of the kernels."),
      attribute<C>("bias_initializer", &C::bias_initializer, "Of the biases."),
      attribute<C>("kernel_regularizer", &C::kernel_regularizer, "Penalty on the kernels."),
      attribute<C>("bias_regularizer", &C::bias_regularizer, "Penalty on the biases."),
      attribute<C>("activity_regularizer", activity, "Penalty on what projections give."),
      attribute<C>("kernel_constraint", &C::kernel_constraint, "Projection of the kernels."),
      attribute<C>("bias_constraint", &C::bias_constraint, "Projection of the biases."),
      attribute<C>("use_gate", &C::use_gate, "Whether what comes out is gated by the query."),
      attribute<C>("seed", &C::seed, "Seed of the dropout; null: any.")};
}

}  // namespace keratin
