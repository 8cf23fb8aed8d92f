#include "nn/layers/image_layer.h"
#include "nn/layers/integers.h"
#include "nn/layers/margins.h"
#include "ops/resample.h"

namespace keratin {
namespace {

// Puts zeros around each axis. Variants: axes.
class ZeroPadding : public ImageLayer {
 public:
  Json padding;

  ZeroPadding() : ZeroPadding(nullptr, 2) {}
  ZeroPadding(DescribeFn describe, int axes) : ImageLayer(describe, std::size_t(axes)) {
    padding = axes == 1 ? Json{1, 1} : Json(std::vector<Json>(std::size_t(axes), {1, 1}));
  }

  static ClassInfo describe_as(int axes) {
    using C = ZeroPadding;
    ClassInfo c = class_info<C>("layers", concat("ZeroPadding", axes, "D"), "keras.layers",
                                "Puts zeros around each axis.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("padding", &C::padding, "How many: a number, one for each axis, or pairs."));
    c.attributes.back().default_value = C(nullptr, axes).padding;
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    margins_ = read_margins(*this, "padding", padding, axes());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    return {through_floats(inputs[0], [&](Value x) {
      for (std::size_t i = axes(); i-- > 0;)
        x = ops::zero_pad(x, int(i) + (channels_first() ? 2 : 1), margins_[i].before,
                          margins_[i].after);
      return x;
    })};
  }

 private:
  std::vector<Margin> margins_;
};

KERATIN_REGISTER_VARIANT(ZeroPadding1D, ZeroPadding, 1);
KERATIN_REGISTER_VARIANT(ZeroPadding2D, ZeroPadding, 2);
KERATIN_REGISTER_VARIANT(ZeroPadding3D, ZeroPadding, 3);

}  // namespace
}  // namespace keratin
