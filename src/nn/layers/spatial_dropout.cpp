#include "nn/layers/image_layer.h"
#include "nn/layers/noise_shape.h"
#include "nn/seed.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// Dropout of whole channels. Variants: axes.
class SpatialDropout : public ImageLayer {
 public:
  double rate = 0;
  Seed seed;

  SpatialDropout() : SpatialDropout(nullptr, 2) {}
  SpatialDropout(DescribeFn describe, int axes) : ImageLayer(describe, std::size_t(axes)) {}

  static ClassInfo describe_as(int axes) {
    using C = SpatialDropout;
    ClassInfo c = class_info<C>("layers", concat("SpatialDropout", axes, "D"), "keras.layers",
                                "In training, sets a random part of the channels to 0.");
    // Keras' class takes neither `trainable` nor a policy but by name.
    Attribute dtype = attribute<C>("dtype", &C::dtype, "Computation and variable dtype policy.");
    dtype.get = [](const Object& object) {
      return Json(policy_name(static_cast<const Layer&>(object).dtype));
    };
    c.attributes = {attribute<C>("rate", &C::rate, "The part of the channels set to 0.")
                        .required()
                        .at_least(0)
                        .at_most(1),
                    attribute<C>("seed", &C::seed, "Seed; null: any."), name_attribute<C>(),
                    std::move(dtype)};
    if (axes > 1) c.attributes.insert(c.attributes.begin() + 1, data_format_attribute<C>());
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    ensure_built({});  // built from the start, as in Keras
    if (rate > 0 && !seed_state()) add_seed_state(seed.value());
  }

  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    require_axes(x.rank(), axes(), x.shape());
    if (!context.training || rate == 0) return {x};
    if (rate == 1) return {ops::zeros_like(x)};
    std::vector<std::optional<std::int64_t>> shape(x.rank(), 1);
    shape.front() = shape[channels_first() ? 1 : x.rank() - 1] = std::nullopt;
    const Value noise = ops::random_uniform(seed_state(), narrowed(x, shape));
    const Value kept = ops::broadcast_like(ops::less(noise, 1 - rate), x);
    return {ops::where(kept, x / (1 - rate), 0.0)};
  }
};

KERATIN_REGISTER_VARIANT(SpatialDropout1D, SpatialDropout, 1);
KERATIN_REGISTER_VARIANT(SpatialDropout2D, SpatialDropout, 2);
KERATIN_REGISTER_VARIANT(SpatialDropout3D, SpatialDropout, 3);

}  // namespace
}  // namespace keratin
