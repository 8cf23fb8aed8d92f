#include "nn/layers/image_layer.h"
#include "nn/layers/margins.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Cuts elements off both ends of each axis. Variants: axes.
class Cropping : public ImageLayer {
 public:
  Json cropping;

  Cropping() : Cropping(nullptr, 2) {}
  Cropping(DescribeFn describe, int axes) : ImageLayer(describe, std::size_t(axes)) {
    const int width = axes == 2 ? 0 : 1;
    cropping = axes == 1 ? Json{1, 1} : Json(std::vector<Json>(std::size_t(axes), {width, width}));
  }

  static ClassInfo describe_as(int axes) {
    using C = Cropping;
    ClassInfo c = class_info<C>("layers", concat("Cropping", axes, "D"), "keras.layers",
                                "Cuts elements off both ends of each axis.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("cropping", &C::cropping,
                                        "How much is cut: a number, one for each axis, or pairs."));
    c.attributes.back().default_value = C(nullptr, axes).cropping;
    if (axes > 1) c.attributes.push_back(data_format_attribute<C>());
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    margins_ = read_margins(*this, "cropping", cropping, axes());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    Value x = inputs[0];
    for (std::size_t i = 0; i < axes(); ++i) {
      const int axis = int(i) + (channels_first() ? 2 : 1);
      const std::int64_t extent = x.shape()[std::size_t(axis)];
      const auto [before, after] = margins_[i];
      require(extent != kUnknown && before + after < extent, "nothing is left of axis ", axis,
              " of the input ", to_string(inputs[0].shape()), " without ", before, " + ", after,
              " elements");
      if (before + after > 0) x = ops::slice(x, axis, before, extent - after);
    }
    return {x};
  }

 private:
  std::vector<Margin> margins_;
};

KERATIN_REGISTER_VARIANT(Cropping1D, Cropping, 1);
KERATIN_REGISTER_VARIANT(Cropping2D, Cropping, 2);
KERATIN_REGISTER_VARIANT(Cropping3D, Cropping, 3);

}  // namespace
}  // namespace keratin
