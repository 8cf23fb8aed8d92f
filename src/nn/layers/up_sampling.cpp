#include "nn/axes.h"
#include "nn/layers/image_layer.h"
#include "nn/layers/integers.h"
#include "ops/resample.h"

namespace keratin {
namespace {

// Makes each axis a number of times longer. Variants: axes.
class UpSampling : public ImageLayer {
 public:
  Axes size;
  std::string interpolation = "nearest";

  UpSampling() : UpSampling(nullptr, 2) {}
  UpSampling(DescribeFn describe, int axes) : ImageLayer(describe, std::size_t(axes)) {
    size = {std::vector<std::int64_t>(std::size_t(axes), 2), axes > 1};
  }

  static ClassInfo describe_as(int axes) {
    using C = UpSampling;
    ClassInfo c = class_info<C>("layers", concat("UpSampling", axes, "D"), "keras.layers",
                                "Makes each axis a number of times longer.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("size", &C::size, "How many times, for all axes or each.").above(0));
    c.attributes.back().default_value = JsonTraits<Axes>::write(C(nullptr, axes).size);
    if (axes > 1) c.attributes.push_back(data_format_attribute<C>());
    if (axes == 2)
      c.attributes.push_back(
          attribute<C>("interpolation", &C::interpolation, "What stands between the elements.")
              .one_of({"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}));
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    expand_to_axes(*this, "size", size.values, axes());
    size.is_list = axes() > 1;
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    return {through_floats(inputs[0], [&](Value x) {
      for (std::size_t i = axes(); i-- > 0;) {
        const int axis = int(i) + (channels_first() ? 2 : 1);
        x = interpolation == "nearest"
                ? ops::repeat_elements(x, axis, size.values[i])
                : ops::resize_axis(x, axis, x.shape()[std::size_t(axis)] * size.values[i],
                                   interpolation);
      }
      return is_floating(inputs[0].dtype()) ? x : ops::round(x);
    })};
  }
};

KERATIN_REGISTER_VARIANT(UpSampling1D, UpSampling, 1);
KERATIN_REGISTER_VARIANT(UpSampling2D, UpSampling, 2);
KERATIN_REGISTER_VARIANT(UpSampling3D, UpSampling, 3);

}  // namespace
}  // namespace keratin
