#include "nn/layers/image_layer.h"
#include "nn/layers/integers.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// [batch, extents..., channels] -> [batch, channels]. Variants: axes, + 10 for the mean.
class GlobalPooling : public ImageLayer {
 public:
  bool keepdims = false;

  GlobalPooling() : GlobalPooling(nullptr, 2) {}
  GlobalPooling(DescribeFn describe, int variant)
      : ImageLayer(describe, std::size_t(variant % 10)), mean_(variant > 10) {}

  static ClassInfo describe_as(int variant) {
    using C = GlobalPooling;
    const bool mean = variant > 10;
    const std::string axes = std::to_string(variant % 10) + "D";
    ClassInfo c = class_info<C>(
        "layers", (mean ? "GlobalAveragePooling" : "GlobalMaxPooling") + axes, "keras.layers",
        mean ? "The mean of each channel." : "The largest element of each channel.");
    c.aliases = {(mean ? "GlobalAvgPool" : "GlobalMaxPool") + axes};
    c.attributes = base_attributes<C>();
    c.attributes.insert(c.attributes.end(),
                        {data_format_attribute<C>(),
                         attribute<C>("keepdims", &C::keepdims, "Whether axes of 1 stay.")});
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    ensure_built({});  // built from the start, as in Keras
  }

  // The mean over time heeds a mask, which ends there.
  bool supports_masking() const override { return mean_ && axes() == 1; }
  Value compute_mask(CallContext&, std::span<const Value>) const override { return {}; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    std::vector<int> over;
    for (int i = 0; i < int(axes()); ++i) over.push_back(i + (channels_first() ? 2 : 1));
    if (const Value mask = context.masks[0]; mask && supports_masking()) {
      const Value x = inputs[0],
                  counts = ops::expand_dims(ops::cast(mask, x.dtype()), channels_first() ? 1 : 2);
      const Value kept = ops::where(ops::broadcast_like(counts, x), x, 0.0);
      return {ops::sum(kept, over, keepdims) / ops::sum(counts, over, keepdims)};
    }
    if (mean_) return {ops::mean(ops::cast(inputs[0], compute_dtype()), over, keepdims)};
    return {through_floats(inputs[0], [&](Value x) { return ops::max(x, over, keepdims); })};
  }

 private:
  bool mean_;
};

KERATIN_REGISTER_VARIANT(GlobalMaxPooling1D, GlobalPooling, 1);
KERATIN_REGISTER_VARIANT(GlobalMaxPooling2D, GlobalPooling, 2);
KERATIN_REGISTER_VARIANT(GlobalMaxPooling3D, GlobalPooling, 3);
KERATIN_REGISTER_VARIANT(GlobalAveragePooling1D, GlobalPooling, 11);
KERATIN_REGISTER_VARIANT(GlobalAveragePooling2D, GlobalPooling, 12);
KERATIN_REGISTER_VARIANT(GlobalAveragePooling3D, GlobalPooling, 13);

}  // namespace
}  // namespace keratin
