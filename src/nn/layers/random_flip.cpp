// Random flips and crops: RandomFlip, RandomCrop.
#include "nn/layers/augmentation.h"
#include "ops/affine.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class RandomFlip : public Augmentation {
 public:
  std::string mode = "horizontal_and_vertical";

  RandomFlip() : Augmentation(describe) {}
  static const ClassInfo& describe();

 protected:
  Value augment(Value images) const override {
    const Value flips = ops::less_equal(draw(images, {0, 1}), 0.5);
    Value flipped = images;
    if (mode != "vertical") flipped = reversed(flipped, 2);
    if (mode != "horizontal") flipped = reversed(flipped, 1);
    return ops::where(flips, flipped, images);
  }

 private:
  static Value reversed(Value x, int axis) {
    kernels::AxisMap map;
    map.in = x.shape()[std::size_t(axis)];
    for (std::int64_t i = map.in; i-- > 0;) {
      map.add(i, 1);
      map.finish();
    }
    return ops::resample(x, axis, std::move(map));
  }
};

const ClassInfo& RandomFlip::describe() {
  static const ClassInfo info = [] {
    using C = RandomFlip;
    ClassInfo c = augmentation_info<C>("RandomFlip", "In training, flips every other image.");
    c.attributes.push_back(attribute<C>("mode", &C::mode, "Along which axes.")
                               .one_of({"horizontal", "vertical", "horizontal_and_vertical"}));
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomFlip);

// In training, a random part of the images, the same of all of a batch.
class RandomCrop : public Augmentation {
 public:
  std::int64_t height = 1, width = 1;

  RandomCrop() : Augmentation(describe) {}
  static const ClassInfo& describe();

 protected:
  bool always_floats() const override { return false; }
  Value augment(Value images) const override {
    const std::int64_t h = images.shape()[1], w = images.shape()[2];
    require(h != kUnknown && w != kUnknown, "height and width of the images must be known, got ",
            to_string(images.shape()));
    if (h > height && w > width) {
      const Value zero = ops::zeros_like(draw(images, {0, 0}));
      const auto start = [&](std::int64_t room) {
        const Value one = ops::slice(zero, 0, 0, 1);
        return ops::floor(ops::random_uniform(seed_state(), one) * double(room)) + zero;
      };
      const Value top = start(h - height + 1), left = start(w - width + 1), one = zero + 1.0;
      const Value maps =
          ops::reshape(ops::concatenate({one, zero, left, zero, one, top}, 3), {kUnknown, 6});
      return ops::affine_transform(images, maps, height, width, false, kernels::Fill::kNearest, 0);
    }
    const auto part = [](std::int64_t extent, std::int64_t other, std::int64_t a, std::int64_t b) {
      return std::max<std::int64_t>(1,
                                    std::min(extent, std::int64_t(double(other * a) / double(b))));
    };
    const std::int64_t top = (h - part(h, w, height, width)) / 2;
    const std::int64_t left = (w - part(w, h, width, height)) / 2;
    Value x = ops::slice(images, 1, top, std::min(h, top + height));
    x = ops::slice(x, 2, left, std::min(w, left + width));
    return ops::resize_axis(ops::resize_axis(x, 1, height, "bilinear"), 2, width, "bilinear");
  }
};

const ClassInfo& RandomCrop::describe() {
  static const ClassInfo info = [] {
    using C = RandomCrop;
    ClassInfo c = augmentation_info<C>("RandomCrop", "In training, a random part of the images.");
    c.attributes.push_back(
        attribute<C>("height", &C::height, "Height of the part.").required().above(0));
    c.attributes.push_back(
        attribute<C>("width", &C::width, "Width of the part.").required().above(0));
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomCrop);

}  // namespace
}  // namespace keratin
