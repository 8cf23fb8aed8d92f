#include "nn/layers/heads_attention.h"
#include "nn/layers/snake_name.h"

namespace keratin {
namespace {

// Attention of several heads of which groups share keys and values, Ainslie et al. 2023.
class GroupQueryAttention : public HeadsAttention {
 public:
  std::int64_t head_dim = 0, num_query_heads = 0, num_key_value_heads = 0;

  KERATIN_CLASS

  void configured() override {
    if (name.empty()) name = unique_name(snake_name(info()));
    HeadsAttention::configured();
    require(num_query_heads % num_key_value_heads == 0, "layer '", name,
            "' (GroupQueryAttention): num_query_heads, ", num_query_heads,
            ", must be a multiple of num_key_value_heads, ", num_key_value_heads);
    inner_activity_regularizer = activity_regularizer;
  }

  void build(std::span<const Shape> inputs) override {
    require(inputs[0].size() == 3 && inputs[1].size() == 3, "expected inputs of rank 3, got ",
            to_string(inputs[0]), " and ", to_string(inputs[1]));
    const Heads keys{num_key_value_heads, head_dim};
    build_projections(inputs[0], inputs[1], inputs.back(), {num_query_heads, head_dim}, keys, keys,
                      {inputs[0].back()});
  }

 protected:
  std::int64_t scale_width() const override { return head_dim; }
};

const ClassInfo& GroupQueryAttention::describe() {
  static const ClassInfo info = [] {
    using C = GroupQueryAttention;
    ClassInfo c = class_info<C>("layers", "GroupQueryAttention", "keras.layers",
                                "Attention by heads that share keys and values in groups.");
    c.aliases = {"GroupedQueryAttention"};
    c.attributes = {
        attribute<C>("head_dim", &C::head_dim, "Width of a head.").required().above(0),
        attribute<C>("num_query_heads", &C::num_query_heads, "Heads of queries.")
            .required()
            .above(0),
        attribute<C>("num_key_value_heads", &C::num_key_value_heads, "Heads of keys and values.")
            .required()
            .above(0)};
    for (Attribute& a : heads_attributes<C>(&C::activity_regularizer))
      c.attributes.push_back(std::move(a));
    for (Attribute& a : base_attributes<C>())
      if (a.name != "activity_regularizer") c.attributes.push_back(std::move(a));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(GroupQueryAttention);

}  // namespace
}  // namespace keratin
