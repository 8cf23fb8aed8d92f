#include "nn/layers/inside.h"
#include "ops/shape.h"
#include "ops/stack.h"

namespace keratin {
namespace {

// A layer at every step of [batch, time, ...].
class TimeDistributed : public Layer {
 public:
  LayerPtr layer;

  KERATIN_CLASS

  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return {{"layer", layer}};
  }

  void build(std::span<const Shape> inputs) override {
    Shape shape = inputs[0];
    require(shape.size() >= 3, "expected an input of rank 3 or more, got shape ", to_string(shape));
    shape.erase(shape.begin() + 1);
    layer->ensure_built({&shape, 1});
  }

  bool supports_masking() const override { return true; }

  // The layer is called without what surrounds a call (Keras: layer.call): its activity regularizer
  // has no effect.
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    const Value mask = context.masks.empty() ? Value{} : context.masks[0];
    const bool step_by_step = goes_step_by_step(*layer);
    // A mask that says which samples count at a step is for statistics over the batch.
    const bool masked = mask && (mask.rank() > 2 || (step_by_step && x.rank() == 3));
    std::vector<Value> outputs;
    if (masked || step_by_step) {
      const std::vector<Value> steps = ops::unstack(x, 1);
      const std::vector<Value> masks = masked ? ops::unstack(mask, 1) : std::vector<Value>{};
      for (std::size_t t = 0; t < steps.size(); ++t)
        outputs.push_back(step(context, steps[t], masked ? masks[t] : Value{}));
      return {ops::stack(outputs, 1)};
    }
    // All steps as one batch.
    Shape shape = x.shape();
    shape.erase(shape.begin());
    shape[0] = kUnknown;
    const Value y = step(context, ops::reshape(x, shape), {});
    Shape back = y.shape();
    back[0] = x.shape()[1];
    back.insert(back.begin(), kUnknown);
    return {ops::reshape(y, back)};
  }

 private:
  // Whether it matters that Keras takes the steps one after another: one changes what the next
  // sees, or penalties are means over a batch.
  static bool goes_step_by_step(const Layer& one) {
    for (const Weight& weight : one.own_weights())
      if (!weight.variable->trainable) return true;
    for (const auto& [path, child] : one.children())
      if (child->activity_regularizer || goes_step_by_step(*child)) return true;
    return false;
  }

  Value step(CallContext& context, Value input, Value mask) {
    CallArguments none;
    std::vector<Value> masks{mask};
    std::swap(context.arguments, none);
    std::swap(context.masks, masks);
    const std::vector<Value> outputs = layer->call(context, {&input, 1});
    std::swap(context.arguments, none);
    std::swap(context.masks, masks);
    require(outputs.size() == 1, "expected a layer with one output, got ", outputs.size());
    return outputs[0];
  }
};

const ClassInfo& TimeDistributed::describe() {
  static const ClassInfo info = [] {
    using C = TimeDistributed;
    ClassInfo c = class_info<C>("layers", "TimeDistributed", "keras.layers",
                                "Applies a layer to every step of its input.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("layer", &C::layer, "The layer.").required());
    c.attributes.back().get = [](const Object& object) {
      return serialize_built(static_cast<const C&>(object).layer);
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TimeDistributed);

}  // namespace
}  // namespace keratin
