#include "nn/layers/layer.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// Of keras.applications' ConvNeXt, where its weight has no name of its own.
class LayerScale : public Layer {
 public:
  double init_values = 0;
  std::int64_t projection_dim = 0;

  KERATIN_CLASS

  void build(std::span<const Shape>) override {
    const auto initializer = std::static_pointer_cast<Initializer>(
        create("initializers", "Constant", {{"value", init_values}}));
    gamma_ = add_weight("variable", {projection_dim}, initializer);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    return {inputs[0] * context.graph.variable(gamma_)};
  }

 private:
  VariablePtr gamma_;
};

const ClassInfo& LayerScale::describe() {
  static const ClassInfo info = [] {
    using C = LayerScale;
    ClassInfo c = class_info<C>("layers", "LayerScale", "keras.src.applications.convnext",
                                "Multiplies the last axis by weights that begin small.");
    c.registered_name = "LayerScale";
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("init_values", &C::init_values, "Where the weights begin.").required());
    c.attributes.push_back(
        attribute<C>("projection_dim", &C::projection_dim, "Extent of the last axis.")
            .required()
            .above(0));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LayerScale);

}  // namespace
}  // namespace keratin
