// Activation functions as layers of their own: ReLU, LeakyReLU, ELU, Softmax.
#include "nn/activations/activation.h"
#include "nn/axes.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/softmax.h"

namespace keratin {
namespace {

// A layer that is one of Keras' activation functions with these arguments.
class FunctionLayer : public Layer {
 public:
  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    function_ =
        std::static_pointer_cast<Activation>(create("activations", function(), arguments()));
  }
  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {activate(function_, inputs[0])};
  }

 protected:
  virtual const char* function() const = 0;
  virtual Json arguments() const = 0;

 private:
  ActivationPtr function_;
};

class ReLU : public FunctionLayer {
 public:
  std::optional<double> max_value;
  double negative_slope = 0, threshold = 0;
  KERATIN_CLASS

 protected:
  const char* function() const override { return "relu"; }
  Json arguments() const override {
    return {{"negative_slope", negative_slope},
            {"max_value", JsonTraits<std::optional<double>>::write(max_value)},
            {"threshold", threshold}};
  }
};

const ClassInfo& ReLU::describe() {
  static const ClassInfo info = [] {
    using C = ReLU;
    ClassInfo c = class_info<C>("layers", "ReLU", "keras.layers", "max(x, 0), with variations.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("max_value", &C::max_value, "Upper bound; null: none.").at_least(0),
         attribute<C>("negative_slope", &C::negative_slope, "Slope below the threshold.")
             .at_least(0),
         attribute<C>("threshold", &C::threshold, "Below it, values are damped.").at_least(0)});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ReLU);

class LeakyReLU : public FunctionLayer {
 public:
  double negative_slope = 0.3;
  KERATIN_CLASS

 protected:
  const char* function() const override { return "leaky_relu"; }
  Json arguments() const override { return {{"negative_slope", negative_slope}}; }
};

const ClassInfo& LeakyReLU::describe() {
  static const ClassInfo info = [] {
    using C = LeakyReLU;
    ClassInfo c = class_info<C>("layers", "LeakyReLU", "keras.layers",
                                "x above 0, negative_slope * x below.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("negative_slope", &C::negative_slope, "Slope below 0.").at_least(0));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LeakyReLU);

class ELU : public FunctionLayer {
 public:
  double alpha = 1;
  KERATIN_CLASS

 protected:
  const char* function() const override { return "elu"; }
  Json arguments() const override { return {{"alpha", alpha}}; }
};

const ClassInfo& ELU::describe() {
  static const ClassInfo info = [] {
    using C = ELU;
    ClassInfo c =
        class_info<C>("layers", "ELU", "keras.layers", "x above 0, alpha (exp(x) - 1) below.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("alpha", &C::alpha, "The limit below, negated."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ELU);

class SoftmaxLayer : public Layer {
 public:
  Axes axis{{-1}, false};
  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
  }

  bool supports_masking() const override { return true; }

  // Where a mask, broadcast to the input, is 0, so is the result.
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    Value x = inputs[0], mask = context.masks[0];
    if (mask) {
      mask = ops::broadcast_like(ops::cast(mask, x.dtype()), x);
      x = ops::where(mask, x, -1e9);
    }
    const Value y = normalised(x);
    return {mask ? ops::where(mask, y, 0.0) : y};
  }

 private:
  Value normalised(Value x) const {
    std::vector<int> axes;
    for (const std::int64_t a : axis.values) axes.push_back(normalize_axis(a, x.rank()));
    require(!axes.empty(), "expected at least one axis");
    if (axes.size() == 1) return ops::softmax(x, axes[0]);
    return ops::exp(x - ops::logsumexp(x, axes, true));
  }
};

const ClassInfo& SoftmaxLayer::describe() {
  static const ClassInfo info = [] {
    using C = SoftmaxLayer;
    ClassInfo c = class_info<C>("layers", "Softmax", "keras.layers",
                                "exp(x) over its sum along one axis or several.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("axis", &C::axis, "The axis or axes."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SoftmaxLayer);

}  // namespace
}  // namespace keratin
