// Images mixed with others, and with nothing: MixUp, CutMix, RandomErasing.
#include "nn/layers/augmentation.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/picking.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/sort.h"

namespace keratin {
namespace {

class RandomMix : public Augmentation {
 public:
  using Augmentation::Augmentation;

 protected:
  // The same images in another order.
  Value shuffled(Value images) const {
    return ops::take(images, ops::argsort(ops::reshape(draw(images, {0, 1}), {kUnknown}), 0), 0);
  }

  // [batch, 1, 1, 1], of the beta distribution with both shapes alike, a scalar.
  Value beta(Value images, Value shape) const {
    const Value like = draw(images, {0, 0});
    const Value a = ops::random_log_gamma(seed_state(), shape, like);
    const Value b = ops::random_log_gamma(seed_state(), shape, like);
    return ops::sigmoid(a - b);  // exp(a) / (exp(a) + exp(b))
  }

  // 1 along an axis where a piece of that part of its length lies, anywhere; else 0.
  Value piece(Value images, int axis, Value part) const {
    const std::int64_t extent = ops::known_extent(images, axis);
    const Value length = part * double(extent);
    const Value begin = draw(images, {0, 1}) * (double(extent) - length);
    Shape shape{1, 1, 1, 1};
    shape[std::size_t(axis)] = extent;
    Tensor places(DType::kFloat32, shape);
    for (std::int64_t i = 0; i < extent; ++i) places.data<float>()[i] = float(i);
    const Value at = images.graph().constant(places.as(images.dtype()));
    return ops::greater_equal(at, begin) * ops::less(at, begin + length);
  }
};

class MixUp : public RandomMix {
 public:
  double alpha = 0.2;

  MixUp() : RandomMix(describe) {}
  static const ClassInfo& describe();

 protected:
  bool always_floats() const override { return false; }
  Value augment(Value images) const override {
    const Value weight = beta(images, images.graph().constant(alpha, images.dtype()));
    return weight * images + (1.0 - weight) * shuffled(images);
  }
};

const ClassInfo& MixUp::describe() {
  static const ClassInfo info = [] {
    using C = MixUp;
    ClassInfo c = augmentation_info<C>("MixUp", "In training, mixes images with one another.");
    c.attributes.push_back(
        attribute<C>("alpha", &C::alpha, "Shape of the shares' beta distribution.").above(0));
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MixUp);

class CutMix : public RandomMix {
 public:
  Json factor = 1.0;

  CutMix() : RandomMix(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomMix::configured();
    shape_ = read_factor(*this, "factor", factor, {0, 1});
  }

 protected:
  Value augment(Value images) const override {
    const Value part = ops::sqrt(1.0 - beta(images, draw_one(images, shape_) + 1e-6));
    const Value box = piece(images, 2, part) * piece(images, 1, part);
    return ops::where(box, shuffled(images), images);
  }

 private:
  Range shape_;
};

const ClassInfo& CutMix::describe() {
  static const ClassInfo info = [] {
    using C = CutMix;
    ClassInfo c = augmentation_info<C>("CutMix", "In training, puts boxes of images into others.");
    c.attributes.push_back(attribute<C>("factor", &C::factor,
                                        "Shape of the boxes' beta distribution: a number or two."));
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CutMix);

class RandomErasing : public RandomMix {
 public:
  Json factor = 1.0, scale = Json{0.02, 0.33}, fill_value;

  RandomErasing() : RandomMix(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomMix::configured();
    part_ = read_factor(*this, "factor", factor, {0, 1});
    scale_ = read_factor(*this, "scale", scale, {0, 1});
    bool is_fill = fill_value.is_null() || fill_value.is_number();
    if (fill_value.is_array() && fill_value.size() == 3)
      is_fill = fill_value[0].is_number() && fill_value[1].is_number() && fill_value[2].is_number();
    require(is_fill, "layer '", name,
            "' (RandomErasing): expected fill_value to be a number, three "
            "or null, got ",
            fill_value.dump());
  }

 protected:
  Value augment(Value images) const override {
    const Value width = ops::sqrt(draw(images, scale_)), height = ops::sqrt(draw(images, scale_));
    const Value box = piece(images, 2, width) * piece(images, 1, height);
    const Value change = chosen(images, part_);
    return ops::where(box * change, clip_to_range(fill(images)), images);
  }

 private:
  Value fill(Value images) const {
    if (fill_value.is_null())
      return ops::random_normal(seed_state(), images) *
             read_range(*this, "value_range", value_range).high;
    Tensor values(DType::kFloat64, {fill_value.is_array() ? 3 : 1});
    for (std::int64_t i = 0; i < values.size(); ++i)
      values.data<double>()[i] = fill_value.is_array() ? fill_value[std::size_t(i)].get<double>()
                                                       : fill_value.get<double>();
    return images.graph().constant(values.as(images.dtype()));
  }

  Range part_, scale_;
};

const ClassInfo& RandomErasing::describe() {
  static const ClassInfo info = [] {
    using C = RandomErasing;
    ClassInfo c = augmentation_info<C>("RandomErasing", "In training, covers boxes of images.");
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("factor", &C::factor, "Which part of the images: a number or two."),
         attribute<C>("scale", &C::scale, "Squares of the boxes' sides: a number or two."),
         attribute<C>("fill_value", &C::fill_value,
                      "What covers: a number, one a channel, or null for noise.")});
    add_common<C>(c, true);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomErasing);

}  // namespace
}  // namespace keratin
