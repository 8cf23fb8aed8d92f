#include "nn/layers/layer.h"
#include "nn/seed.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// In training, sets a random part of its input to 0 and scales the rest so that the mean stays.
class Dropout : public Layer {
 public:
  double rate = 0.5;
  Seed seed;
  std::optional<std::vector<std::optional<std::int64_t>>> noise_shape;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    for (const auto& extent : noise_shape.value_or(std::vector<std::optional<std::int64_t>>{}))
      require(!extent || *extent > 0, "layer '", name,
              "' (Dropout): expected extents of noise_shape above 0, got ", extent.value_or(0));
    if (rate > 0 && !seed_state()) add_seed_state(seed.value());
  }

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    if (!context.training || rate == 0) return {x};
    if (rate == 1) return {ops::zeros_like(x)};
    const double keep = 1 - rate;
    const Value noise = ops::random_uniform(seed_state(), shaped_like_noise(x));
    const Value kept = ops::broadcast_like(ops::less(noise, keep), x);
    return {ops::where(kept, x / keep, 0.0)};
  }

 private:
  // A value of the shape of the noise: x, narrowed to one element along axes that share their
  // noise.
  Value shaped_like_noise(Value x) const {
    if (!noise_shape) return x;
    require(noise_shape->size() == x.rank(), "noise_shape has ", noise_shape->size(),
            " axes, the input ", to_string(x.shape()), " has ", x.rank());
    Value like = x;
    for (std::size_t axis = 0; axis < x.rank(); ++axis) {
      const auto extent = (*noise_shape)[axis];
      if (!extent || extent == x.shape()[axis]) continue;
      require(extent == 1, "noise_shape[", axis, "] is ", *extent,
              "; expected 1, null or the extent of the input ", to_string(x.shape()));
      like = ops::slice(like, int(axis), 0, 1);
    }
    return like;
  }
};

const ClassInfo& Dropout::describe() {
  static const ClassInfo info = [] {
    using C = Dropout;
    ClassInfo c = class_info<C>("layers", "Dropout", "keras.layers",
                                "In training, sets a random part of its input to 0.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("rate", &C::rate, "The part set to 0.").required().at_least(0).at_most(1),
         attribute<C>("seed", &C::seed, "Seed; null: any."),
         attribute<C>("noise_shape", &C::noise_shape,
                      "Shape of the noise, 1 along axes that share it; null: the input's.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Dropout);

}  // namespace
}  // namespace keratin
