#include "nn/layers/heads_attention.h"

namespace keratin {
namespace {

// Each head attends by projections of its own; what they find is projected together.
class MultiHeadAttention : public HeadsAttention {
 public:
  std::int64_t num_heads = 0, key_dim = 0;
  std::optional<std::int64_t> value_dim;
  std::optional<std::vector<std::int64_t>> output_shape, attention_axes;

  KERATIN_CLASS

  void configured() override {
    HeadsAttention::configured();
    if (!value_dim) value_dim = key_dim;
    if (output_shape && output_shape->empty()) output_shape.reset();
  }

  void build(std::span<const Shape> inputs) override {
    const Shape &query = inputs[0], &value = inputs[1];
    const Heads keys{num_heads, key_dim}, values{num_heads, *value_dim};
    build_projections(query, value, inputs.back(), keys, keys, values,
                      output_shape.value_or(Shape{query.back()}));
    if (!attention_axes) {
      attention_axes.emplace();
      for (std::int64_t axis = 1; axis + 1 < std::int64_t(value.size()); ++axis)
        attention_axes->push_back(axis);
    }
    for (std::int64_t& axis : *attention_axes) {
      if (axis < 0) axis += std::int64_t(value.size());
      require(axis > 0 && axis + 1 < std::int64_t(value.size()), "attention_axes: ", axis,
              " is not an axis of steps of the shape ", to_string(value));
    }
  }

 protected:
  bool heeds_query_mask() const override { return false; }  // Keras takes the query's own
  bool takes_masks() const override { return true; }
  const char* prefix() const override { return ""; }
  std::vector<int> axes() const override {
    return {attention_axes->begin(), attention_axes->end()};
  }
  std::int64_t scale_width() const override { return key_dim; }
};

const ClassInfo& MultiHeadAttention::describe() {
  static const ClassInfo info = [] {
    using C = MultiHeadAttention;
    ClassInfo c = class_info<C>("layers", "MultiHeadAttention", "keras.layers",
                                "Attention by several heads, Vaswani et al. 2017.");
    c.attributes = {
        attribute<C>("num_heads", &C::num_heads, "How many heads there are.").required().above(0),
        attribute<C>("key_dim", &C::key_dim, "Width of a head's queries and keys.")
            .required()
            .above(0),
        attribute<C>("value_dim", &C::value_dim, "Width of a head's values; null: key_dim.")
            .above(0)};
    for (Attribute& a : heads_attributes<C>(&C::inner_activity_regularizer))
      c.attributes.push_back(std::move(a));
    c.attributes.insert(
        c.attributes.begin() + 5,
        {attribute<C>("output_shape", &C::output_shape, "Last axes out; null: the query's."),
         attribute<C>("attention_axes", &C::attention_axes, "Axes of steps; null: all.")});
    for (Attribute& a : base_attributes<C>())
      if (a.name != "activity_regularizer") c.attributes.push_back(std::move(a));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MultiHeadAttention);

}  // namespace
}  // namespace keratin
