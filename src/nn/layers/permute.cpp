#include "nn/layers/layer.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class Permute : public Layer {
 public:
  std::vector<std::int64_t> dims;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    std::vector<bool> seen(dims.size() + 1, false);
    for (const std::int64_t d : dims) {
      require(d >= 1 && d <= std::int64_t(dims.size()) && !seen[std::size_t(d)], "layer '", name,
              "' (Permute): expected dims to be 1 to ", dims.size(), ", each once, got ",
              Json(dims).dump());
      seen[std::size_t(d)] = true;
    }
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require(inputs[0].rank() == dims.size() + 1, "expected an input of rank ", dims.size() + 1,
            ", got shape ", to_string(inputs[0].shape()));
    std::vector<int> order{0};
    for (const std::int64_t d : dims) order.push_back(int(d));
    return {ops::transpose(inputs[0], order)};
  }
};

const ClassInfo& Permute::describe() {
  static const ClassInfo info = [] {
    using C = Permute;
    ClassInfo c =
        class_info<C>("layers", "Permute", "keras.layers", "Puts the axes into another order.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("dims", &C::dims, "The axes in their new order, the first being 1.")
            .required());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Permute);

}  // namespace
}  // namespace keratin
