// Noise in training: GaussianNoise, GaussianDropout, AlphaDropout.
#include <cmath>

#include "nn/layers/layer.h"
#include "nn/layers/noise_shape.h"
#include "nn/seed.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

class Noise : public Layer {
 public:
  Seed seed;

  bool supports_masking() const override { return true; }
  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    if (amount() > 0 && !seed_state()) add_seed_state(seed.value());
  }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (!context.training || amount() == 0) return {inputs[0]};
    return {disturb(inputs[0])};
  }

 protected:
  virtual double amount() const = 0;
  virtual Value disturb(Value x) const = 0;
};

// x + stddev * a standard normal.
class GaussianNoise : public Noise {
 public:
  double stddev = 0;
  KERATIN_CLASS

 protected:
  double amount() const override { return stddev; }
  Value disturb(Value x) const override { return x + ops::random_normal(seed_state(), x) * stddev; }
};

const ClassInfo& GaussianNoise::describe() {
  static const ClassInfo info = [] {
    using C = GaussianNoise;
    ClassInfo c =
        class_info<C>("layers", "GaussianNoise", "keras.layers", "In training, adds normal noise.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("stddev", &C::stddev, "Deviation of the noise.")
                             .required()
                             .at_least(0)
                             .at_most(1),
                         attribute<C>("seed", &C::seed, "Seed; null: any.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(GaussianNoise);

// x times a normal of mean 1 whose variance is that of dropout.
class GaussianDropout : public Noise {
 public:
  double rate = 0;
  KERATIN_CLASS

 protected:
  double amount() const override { return rate; }
  Value disturb(Value x) const override {
    const double stddev = std::sqrt(rate / (1 - rate));
    return x * (ops::random_normal(seed_state(), x) * stddev + 1.0);
  }
};

const ClassInfo& GaussianDropout::describe() {
  static const ClassInfo info = [] {
    using C = GaussianDropout;
    ClassInfo c = class_info<C>("layers", "GaussianDropout", "keras.layers",
                                "In training, multiplies by normal noise around 1.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("rate", &C::rate, "The noise is as strong as this dropout.")
                             .required()
                             .at_least(0)
                             .at_most(1),
                         attribute<C>("seed", &C::seed, "Seed; null: any.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(GaussianDropout);

// Dropout that keeps mean and variance of what selu makes, Klambauer et al. 2017.
class AlphaDropout : public Noise {
 public:
  double rate = 0;
  NoiseShape noise_shape;
  KERATIN_CLASS

 protected:
  double amount() const override { return rate; }
  Value disturb(Value x) const override {
    constexpr double kLow = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946;
    const double a = 1 / std::sqrt((1 - rate) * (1 + rate * kLow * kLow));
    const double b = -a * kLow * rate;
    const Value noise = ops::random_uniform(seed_state(), narrowed(x, noise_shape));
    const Value kept = ops::broadcast_like(ops::greater_equal(noise, rate), x);
    return ops::where(kept, x, kLow) * a + b;
  }
};

const ClassInfo& AlphaDropout::describe() {
  static const ClassInfo info = [] {
    using C = AlphaDropout;
    ClassInfo c = class_info<C>("layers", "AlphaDropout", "keras.layers",
                                "Dropout that keeps mean and variance of what selu makes.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("rate", &C::rate, "The part that is dropped.")
             .required()
             .at_least(0)
             .at_most(1),
         attribute<C>("noise_shape", &C::noise_shape,
                      "Shape of the noise, 1 along axes that share it; null: the input's."),
         attribute<C>("seed", &C::seed, "Seed; null: any.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AlphaDropout);

}  // namespace
}  // namespace keratin
