#include "nn/layers/layer.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// [batch, ...] -> [batch, all the rest].
class Flatten : public Layer {
 public:
  std::optional<std::string> data_format;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (!data_format) data_format = "channels_last";
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    Value x = inputs[0];
    require(x.rank() >= 1, "expected an input with a batch axis, got a scalar");
    if (data_format == "channels_first" && x.rank() > 2) {
      std::vector<int> channels_last{0};
      for (int axis = 2; axis < int(x.rank()); ++axis) channels_last.push_back(axis);
      channels_last.push_back(1);
      x = ops::transpose(x, channels_last);
    }
    const Shape rest(x.shape().begin() + 1, x.shape().end());
    return {ops::reshape(x, {x.shape()[0], element_count(rest)})};
  }
};

const ClassInfo& Flatten::describe() {
  static const ClassInfo info = [] {
    using C = Flatten;
    ClassInfo c = class_info<C>("layers", "Flatten", "keras.layers",
                                "Makes one axis of all axes but the batch.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("data_format", &C::data_format,
                     "Where the channels are; channels_first moves them last before flattening.")
            .one_of({"channels_last", "channels_first"}));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Flatten);

}  // namespace
}  // namespace keratin
