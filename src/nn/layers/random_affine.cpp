// Random affine maps: RandomRotation, RandomZoom, RandomTranslation, RandomShear.
#include <numbers>

#include "nn/layers/augmentation.h"
#include "ops/affine.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class RandomAffine : public Augmentation {
 public:
  std::string fill_mode = "reflect", interpolation = "bilinear";
  double fill_value = 0;

  using Augmentation::Augmentation;

 protected:
  // a0 a1 a2 b0 b1 b2, each [batch, 1, 1, 1] (kernels/affine.h).
  virtual std::vector<Value> map(Value images, double height, double width) const = 0;

  Value augment(Value images) const override {
    const std::int64_t h = images.shape()[1], w = images.shape()[2];
    require(h != kUnknown && w != kUnknown, "height and width of the images must be known, got ",
            to_string(images.shape()));
    const Value maps =
        ops::reshape(ops::concatenate(map(images, double(h), double(w)), 3), {kUnknown, 6});
    return ops::affine_transform(images, maps, h, w, interpolation == "bilinear",
                                 ops::fill_named(fill_mode), fill_value);
  }

  Value nothing(Value images) const { return ops::zeros_like(draw(images, {0, 0})); }

  template <class C>
  static void add_affine(ClassInfo& c) {
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("fill_mode", &C::fill_mode, "What stands outside the image.")
             .one_of({"constant", "nearest", "wrap", "reflect"}),
         attribute<C>("interpolation", &C::interpolation, "What stands between pixels.")
             .one_of({"nearest", "bilinear"}),
         attribute<C>("fill_value", &C::fill_value, "Of fill_mode constant.")});
    add_common<C>(c, false);
  }
};

class RandomRotation : public RandomAffine {
 public:
  Json factor = 0;

  RandomRotation() : RandomAffine(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomAffine::configured();
    turns_ = read_factor(*this, "factor", factor, {-1, 1});
  }

 protected:
  std::vector<Value> map(Value images, double height, double width) const override {
    const double cx = 0.5 * (width - 1), cy = 0.5 * (height - 1);
    constexpr double kTurn = 2 * std::numbers::pi;
    const Value angle = draw(images, {turns_.low * kTurn, turns_.high * kTurn});
    const Value c = ops::cos(angle), s = ops::sin(angle);
    return {c, -s, cx - c * cx + s * cy, s, c, cy - s * cx - c * cy};
  }

 private:
  Range turns_;
};

const ClassInfo& RandomRotation::describe() {
  static const ClassInfo info = [] {
    using C = RandomRotation;
    ClassInfo c = augmentation_info<C>("RandomRotation", "In training, turns images.");
    c.attributes.push_back(
        attribute<C>("factor", &C::factor, "How far, in turns: a number or two.").required());
    add_affine<C>(c);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomRotation);

class RandomZoom : public RandomAffine {
 public:
  Json height_factor = 0, width_factor;

  RandomZoom() : RandomAffine(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomAffine::configured();
    Json copy = height_factor;
    tall_ = read_factor(*this, "height_factor", copy, {-1, 1});
    copy = width_factor;
    if (!copy.is_null()) wide_ = read_factor(*this, "width_factor", copy, {-1, 1});
  }

 protected:
  std::vector<Value> map(Value images, double height, double width) const override {
    const Value tall = draw(images, {1 + tall_.low, 1 + tall_.high});
    const Value wide =
        width_factor.is_null() ? tall : draw(images, {1 + wide_.low, 1 + wide_.high});
    const Value zero = ops::zeros_like(tall);
    return {wide, zero, (1.0 - wide) * ((width - 1) / 2),
            zero, tall, (1.0 - tall) * ((height - 1) / 2)};
  }

 private:
  Range tall_, wide_;
};

const ClassInfo& RandomZoom::describe() {
  static const ClassInfo info = [] {
    using C = RandomZoom;
    ClassInfo c = augmentation_info<C>("RandomZoom", "In training, zooms into or out of images.");
    c.attributes.push_back(
        attribute<C>("height_factor", &C::height_factor, "How far: a number or two; above 0: out.")
            .required());
    c.attributes.push_back(
        attribute<C>("width_factor", &C::width_factor, "As height_factor; null: the same zoom."));
    add_affine<C>(c);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomZoom);

class RandomTranslation : public RandomAffine {
 public:
  Json height_factor = 0, width_factor = 0;

  RandomTranslation() : RandomAffine(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomAffine::configured();
    Json copy = height_factor;
    down_ = read_factor(*this, "height_factor", copy, {-1, 1});
    copy = width_factor;
    right_ = read_factor(*this, "width_factor", copy, {-1, 1});
  }

 protected:
  std::vector<Value> map(Value images, double height, double width) const override {
    const Value down = draw(images, down_) * height, right = draw(images, right_) * width;
    const Value zero = ops::zeros_like(down), one = zero + 1.0;
    return {one, zero, -right, zero, one, -down};
  }

 private:
  Range down_, right_;
};

const ClassInfo& RandomTranslation::describe() {
  static const ClassInfo info = [] {
    using C = RandomTranslation;
    ClassInfo c = augmentation_info<C>("RandomTranslation", "In training, shifts images.");
    c.attributes.push_back(attribute<C>("height_factor", &C::height_factor,
                                        "How far down, in heights: a number or two.")
                               .required());
    c.attributes.push_back(
        attribute<C>("width_factor", &C::width_factor, "How far right, in widths: a number or two.")
            .required());
    add_affine<C>(c);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomTranslation);

class RandomShear : public RandomAffine {
 public:
  Json x_factor = 0.0, y_factor = 0.0;

  RandomShear() : RandomAffine(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomAffine::configured();
    x_ = read_factor(*this, "x_factor", x_factor, {-1, 1});
    y_ = read_factor(*this, "y_factor", y_factor, {-1, 1});
  }

 protected:
  std::vector<Value> map(Value images, double, double) const override {
    const Value sign = 1.0 - ops::greater(draw(images, {0, 1}), 0.5) * 2.0;
    const Value zero = ops::zeros_like(sign), one = zero + 1.0;
    return {one, draw(images, x_) * sign, zero, draw(images, y_) * sign, one, zero};
  }

 private:
  Range x_, y_;
};

const ClassInfo& RandomShear::describe() {
  static const ClassInfo info = [] {
    using C = RandomShear;
    ClassInfo c = augmentation_info<C>("RandomShear", "In training, shears images.");
    c.attributes.push_back(
        attribute<C>("x_factor", &C::x_factor, "Across, in a pixel of height: a number or two."));
    c.attributes.push_back(
        attribute<C>("y_factor", &C::y_factor, "Down, in a pixel of width: a number or two."));
    add_affine<C>(c);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomShear);

}  // namespace
}  // namespace keratin
