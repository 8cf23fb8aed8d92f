#include "core/random.h"

#include "nn/initializers/fill.h"
#include "nn/initializers/initializer.h"
#include "nn/seed.h"

namespace keratin {

void require_floating(const char* initializer, DType dtype) {
  if (!is_floating(dtype))
    fail(Code::kUnsupported, initializer, ": expected a floating dtype, got ", name_of(dtype));
}

namespace {

class RandomNormal : public Initializer {
 public:
  Seed seed;
  double mean = 0, stddev = 0.05;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating("RandomNormal", dtype);
    Random random(seed.draw());
    return filled(dtype, shape, [&](std::int64_t) { return mean + stddev * random.normal(); });
  }
};

const ClassInfo& RandomNormal::describe() {
  static const ClassInfo info = [] {
    using C = RandomNormal;
    ClassInfo c = class_info<C>("initializers", "RandomNormal", "keras.initializers",
                                "Normally distributed.");
    c.aliases = {"normal"};
    c.attributes = {attribute<C>("seed", &C::seed, "Seed; null: another one each time."),
                    attribute<C>("mean", &C::mean, "Mean."),
                    attribute<C>("stddev", &C::stddev, "Standard deviation.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomNormal);

class TruncatedNormal : public Initializer {
 public:
  Seed seed;
  double mean = 0, stddev = 0.05;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating("TruncatedNormal", dtype);
    Random random(seed.draw());
    return filled(dtype, shape,
                  [&](std::int64_t) { return mean + stddev * random.truncated_normal(); });
  }
};

const ClassInfo& TruncatedNormal::describe() {
  static const ClassInfo info = [] {
    using C = TruncatedNormal;
    ClassInfo c = class_info<C>("initializers", "TruncatedNormal", "keras.initializers",
                                "Normally distributed, redrawn beyond two standard deviations.");
    c.attributes = {
        attribute<C>("seed", &C::seed, "Seed; null: another one each time."),
        attribute<C>("mean", &C::mean, "Mean."),
        attribute<C>("stddev", &C::stddev, "Standard deviation before values are redrawn.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TruncatedNormal);

class RandomUniform : public Initializer {
 public:
  Seed seed;
  double minval = -0.05, maxval = 0.05;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating("RandomUniform", dtype);
    Random random(seed.draw());
    return filled(dtype, shape,
                  [&](std::int64_t) { return minval + (maxval - minval) * random.uniform(); });
  }
};

const ClassInfo& RandomUniform::describe() {
  static const ClassInfo info = [] {
    using C = RandomUniform;
    ClassInfo c = class_info<C>("initializers", "RandomUniform", "keras.initializers",
                                "Uniformly distributed.");
    c.aliases = {"uniform"};
    c.attributes = {attribute<C>("seed", &C::seed, "Seed; null: another one each time."),
                    attribute<C>("minval", &C::minval, "Lower bound, included."),
                    attribute<C>("maxval", &C::maxval, "Upper bound, excluded.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomUniform);

}  // namespace
}  // namespace keratin
