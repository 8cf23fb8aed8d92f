#include <algorithm>
#include <cmath>
#include <optional>

#include "core/random.h"
#include "nn/initializers/fill.h"
#include "nn/initializers/initializer.h"
#include "nn/seed.h"

namespace keratin {
namespace {

// Random values whose variance is `scale` over the number of inputs of a unit, of its outputs, or
// the mean of both. Glorot's, He's and LeCun's initializers are this with scale, mode and
// distribution set.
class VarianceScaling : public Initializer {
 public:
  using Axes = std::optional<std::vector<std::int64_t>>;

  Seed seed;
  double scale = 1;
  std::string mode = "fan_in", distribution = "truncated_normal";
  Axes input_axes, output_axes;

  VarianceScaling() = default;
  VarianceScaling(double s, std::string m, std::string d)
      : scale(s), mode(std::move(m)), distribution(std::move(d)) {}

  KERATIN_CLASS

  void configured() override {
    if (distribution == "normal") distribution = "truncated_normal";
  }

  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating(info().name.c_str(), dtype);
    const auto [in, out] = fans(shape);
    const double fan = mode == "fan_in" ? in : mode == "fan_out" ? out : (in + out) / 2;
    const double variance = scale / std::max(1.0, fan);
    Random random(seed.draw());
    if (distribution == "uniform") {
      const double limit = std::sqrt(3 * variance);
      return filled(dtype, shape, [&](std::int64_t) { return limit * (2 * random.uniform() - 1); });
    }
    if (distribution == "untruncated_normal")
      return filled(dtype, shape,
                    [&](std::int64_t) { return std::sqrt(variance) * random.normal(); });
    // A standard normal distribution cut off at 2 has this standard deviation.
    const double stddev = std::sqrt(variance) / 0.87962566103423978;
    return filled(dtype, shape, [&](std::int64_t) { return stddev * random.truncated_normal(); });
  }

 protected:
  template <class C>
  static ClassInfo fixed(const char* name, const char* doc) {
    ClassInfo c = class_info<C>("initializers", name, "keras.initializers", doc);
    c.attributes = {
        attribute<C>("seed", &VarianceScaling::seed, "Seed; null: another one each time."),
        attribute<C>("input_axes", &VarianceScaling::input_axes,
                     "Axes that make up fan_in; null: by the shape."),
        attribute<C>("output_axes", &VarianceScaling::output_axes,
                     "Axes that make up fan_out; null: by the shape.")};
    return c;
  }

 private:
  // The number of inputs and outputs of a unit. A shape of three axes or more is a convolution's
  // kernel, [..., in, out], unless both lists of axes say otherwise.
  std::pair<double, double> fans(const Shape& shape) const {
    const auto extent = [&](std::int64_t axis) {
      return double(shape[std::size_t(normalize_axis(axis, shape.size()))]);
    };
    double in = 1, out = 1;
    if (input_axes && output_axes) {
      for (const std::int64_t axis : *input_axes) in *= extent(axis);
      for (const std::int64_t axis : *output_axes) out *= extent(axis);
      return {in, out};
    }
    if (shape.empty()) return {1, 1};
    if (shape.size() == 1) return {extent(0), extent(0)};
    const double receptive_field = double(product(shape, 0, shape.size() - 2));
    return {extent(-2) * receptive_field, extent(-1) * receptive_field};
  }
};

const ClassInfo& VarianceScaling::describe() {
  static const ClassInfo info = [] {
    using C = VarianceScaling;
    ClassInfo c = fixed<C>("VarianceScaling", "Random values scaled by the size of the layer.");
    c.attributes.insert(
        c.attributes.begin() + 1,
        {attribute<C>("scale", &C::scale, "Factor of the variance.").above(0),
         attribute<C>("mode", &C::mode, "Which size.").one_of({"fan_in", "fan_out", "fan_avg"}),
         attribute<C>("distribution", &C::distribution, "Which distribution.")
             .one_of({"truncated_normal", "normal", "untruncated_normal", "uniform"})});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(VarianceScaling);

#define KERATIN_VARIANCE_SCALING(C, scale, mode, distribution, doc) \
  class C : public VarianceScaling {                                \
   public:                                                          \
    C() : VarianceScaling(scale, mode, distribution) {}             \
    KERATIN_CLASS                                                   \
  };                                                                \
  const ClassInfo& C::describe() {                                  \
    static const ClassInfo info = fixed<C>(#C, doc);                \
    return info;                                                    \
  }                                                                 \
  KERATIN_REGISTER(C)

KERATIN_VARIANCE_SCALING(GlorotUniform, 1, "fan_avg", "uniform",
                         "Uniform within sqrt(6 / (fan_in + fan_out)), Glorot & Bengio 2010.");
KERATIN_VARIANCE_SCALING(
    GlorotNormal, 1, "fan_avg", "truncated_normal",
    "Truncated normal of variance 2 / (fan_in + fan_out), Glorot & Bengio 2010.");
KERATIN_VARIANCE_SCALING(HeUniform, 2, "fan_in", "uniform",
                         "Uniform within sqrt(6 / fan_in), He et al. 2015.");
KERATIN_VARIANCE_SCALING(HeNormal, 2, "fan_in", "truncated_normal",
                         "Truncated normal of variance 2 / fan_in, He et al. 2015.");
KERATIN_VARIANCE_SCALING(LecunUniform, 1, "fan_in", "uniform",
                         "Uniform within sqrt(3 / fan_in), LeCun et al. 1998.");
KERATIN_VARIANCE_SCALING(LecunNormal, 1, "fan_in", "truncated_normal",
                         "Truncated normal of variance 1 / fan_in, LeCun et al. 1998.");

}  // namespace

InitializerPtr glorot_uniform() { return std::make_shared<GlorotUniform>(); }

}  // namespace keratin
