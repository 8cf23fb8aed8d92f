#include "nn/layers/inside.h"

namespace keratin {
namespace {

// Its layers, one after another, as one.
class Pipeline : public Layer {
 public:
  std::vector<LayerPtr> layers;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    require(!layers.empty(), "layer '", name, "' (Pipeline): expected at least one layer");
    for (const LayerPtr& layer : layers)
      require(layer != nullptr, "layer '", name, "' (Pipeline): a layer of it is null");
  }

  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return numbered("_pipeline_layers", layers);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    std::vector<Value> values(inputs.begin(), inputs.end());
    for (const LayerPtr& layer : layers) values = layer->apply(context, values);
    return values;
  }
};

const ClassInfo& Pipeline::describe() {
  static const ClassInfo info = [] {
    using C = Pipeline;
    ClassInfo c = class_info<C>("layers", "Pipeline", "keras.layers",
                                "Applies layers one after another, as one layer.");
    c.attributes = {attribute<C>("layers", &C::layers, "The layers, in order.").required(),
                    name_attribute<C>()};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Pipeline);

}  // namespace
}  // namespace keratin
