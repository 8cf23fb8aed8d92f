// Random changes of places: RandomPerspective, RandomElasticTransform; and RandomGaussianBlur,
// whose blur the second needs.
#include <algorithm>

#include "nn/layers/augmentation.h"
#include "ops/affine.h"
#include "ops/elementwise.h"
#include "ops/images.h"
#include "ops/picking.h"
#include "ops/random.h"
#include "ops/shape.h"

namespace keratin {
namespace {

constexpr const char* kPartDoc = "Which part of the images: a number or two.";

class RandomGaussianBlur : public Augmentation {
 public:
  Json factor = 1.0, kernel_size = 3, sigma = 1.0;

  RandomGaussianBlur() : Augmentation(describe) {}
  static const ClassInfo& describe();

  void configured() override {
    Augmentation::configured();
    part_ = read_factor(*this, "factor", factor, {0, 1});
    sigma_ = read_factor(*this, "sigma", sigma, {0, 1});
    if (kernel_size.is_number()) kernel_size = Json{kernel_size, kernel_size};
    const Range size = read_range(*this, "kernel_size", kernel_size);
    width_ = std::int64_t(size.low);
    height_ = std::int64_t(size.high);
    require(width_ > 0 && height_ > 0 && width_ % 2 == 1 && height_ % 2 == 1, "layer '", name,
            "' (RandomGaussianBlur): expected kernel_size to be odd, got ", kernel_size.dump());
  }

 protected:
  Value augment(Value x) const override {
    const Value change = chosen(x, part_);
    const Value across = draw_one(x, sigma_) + 1e-6, down = draw_one(x, sigma_) + 1e-6;
    const Value y = ops::blur(ops::blur(x, 2, width_, across), 1, height_, down);
    return clip_to_range(ops::where(change, y, x));
  }

 private:
  Range part_, sigma_;
  std::int64_t width_ = 3, height_ = 3;
};

const ClassInfo& RandomGaussianBlur::describe() {
  static const ClassInfo info = [] {
    using C = RandomGaussianBlur;
    ClassInfo c = augmentation_info<C>("RandomGaussianBlur", "In training, blurs images.");
    c.attributes.push_back(attribute<C>("factor", &C::factor, kPartDoc));
    c.attributes.push_back(
        attribute<C>("kernel_size", &C::kernel_size, "Odd: a number, or width and height."));
    c.attributes.push_back(
        attribute<C>("sigma", &C::sigma, "Deviation of the blur: a number or two."));
    add_common<C>(c, true);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomGaussianBlur);

// Base of those that look up each pixel at another place.
class RandomWarp : public Augmentation {
 public:
  Json factor = 1.0;
  std::string interpolation = "bilinear";
  double fill_value = 0;

  using Augmentation::Augmentation;
  void configured() override {
    Augmentation::configured();
    part_ = read_factor(*this, "factor", factor, {0, 1});
  }

 protected:
  // Of the images: those chosen, with pixel (x, y) taken from (across, down).
  Value warped(Value images, Value across, Value down, kernels::Fill fill) const {
    const Value change = chosen(images, part_);
    const Value y = ops::sample(images, ops::concatenate({across, down}, 3),
                                interpolation == "bilinear", fill, fill_value);
    return ops::where(change, y, images);
  }

  template <class C>
  static void add_factor(ClassInfo& c) {
    c.attributes.push_back(attribute<C>("factor", &C::factor, kPartDoc));
  }
  template <class C>
  static Attribute interpolation_attribute() {
    return attribute<C>("interpolation", &C::interpolation, "What stands between pixels.")
        .one_of({"nearest", "bilinear"});
  }

  Range part_;
};

// Moves the corners of images: each but the first by a part of its coordinates.
class RandomPerspective : public RandomWarp {
 public:
  double scale = 1.0;

  RandomPerspective() : RandomWarp(describe) {}
  static const ClassInfo& describe();

 protected:
  Value augment(Value images) const override {
    const std::int64_t height = ops::known_extent(images, 1), width = ops::known_extent(images, 2);
    const double right = double(width - 1), bottom = double(height - 1);
    const auto moved = [&](double place) {
      return (draw(images, {-0.5 * scale, 0.5 * scale}) + 1.0) * place;
    };
    // The corners become (0, 0), (a, 0), (0, b), (p, q). The unit square goes there by
    //   (u, v) -> (a (g + 1) u, b (h + 1) v) / (g u + h v + 1)
    // (Heckbert, "Fundamentals of texture mapping and image warping", 1989), and back by:
    const Value a = moved(right), b = moved(bottom), p = moved(right), q = moved(bottom);
    const Value det = a * b - a * q - b * p;
    const Value g = a * (q - b) / det, h = b * (p - a) / det;
    const Value u = ops::counted_along(images, width, 2) / (a * (g + 1.0));
    const Value v = ops::counted_along(images, height, 1) / (b * (h + 1.0));
    const Value depth = 1.0 - g * u - h * v;
    return warped(images, u / depth * right, v / depth * bottom, kernels::Fill::kConstant);
  }
};

const ClassInfo& RandomPerspective::describe() {
  static const ClassInfo info = [] {
    using C = RandomPerspective;
    ClassInfo c =
        augmentation_info<C>("RandomPerspective", "In training, changes the perspective.");
    add_factor<C>(c);
    c.attributes.push_back(
        attribute<C>("scale", &C::scale, "How far corners move, at most by half of it.")
            .at_least(0)
            .at_most(1));
    c.attributes.push_back(interpolation_attribute<C>());
    c.attributes.push_back(
        attribute<C>("fill_value", &C::fill_value, "What stands outside the image."));
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomPerspective);

// Moves pixels by blurred noise.
class RandomElasticTransform : public RandomWarp {
 public:
  Json scale = 1.0;
  std::string fill_mode = "reflect";

  RandomElasticTransform() : RandomWarp(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    RandomWarp::configured();
    scale_ = read_factor(*this, "scale", scale, {0, 1});
  }

 protected:
  Value augment(Value images) const override {
    if (scale_.high == 0 || part_.high == 0) return images;
    const std::int64_t height = ops::known_extent(images, 1), width = ops::known_extent(images, 2);
    const double short_side = 0.05 * double(std::min(height, width));
    // One strength for all; the kernel is as wide as the greatest needs.
    const Value strength = ops::maximum(draw_one(images, scale_), 1e-6);
    const Value sigma = strength * short_side;
    const Value far = strength * (0.1 * double(std::max(height, width)));
    const std::int64_t size = std::int64_t(6 * scale_.high * short_side) | 1;
    const auto moved = [&](Value place) {
      const Value noise = ops::random_normal(seed_state(), ops::slice(images, 3, 0, 1)) * sigma;
      return place + far * ops::blur(ops::blur(noise, 1, size, sigma), 2, size, sigma);
    };
    return clip_to_range(warped(images, moved(ops::counted_along(images, width, 2)),
                                moved(ops::counted_along(images, height, 1)),
                                ops::fill_named(fill_mode)));
  }

 private:
  Range scale_;
};

const ClassInfo& RandomElasticTransform::describe() {
  static const ClassInfo info = [] {
    using C = RandomElasticTransform;
    ClassInfo c = augmentation_info<C>("RandomElasticTransform", "In training, bends images.");
    add_factor<C>(c);
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("scale", &C::scale, "How strongly: a number or two."),
                         interpolation_attribute<C>(),
                         attribute<C>("fill_mode", &C::fill_mode, "What stands outside the image.")
                             .one_of({"constant", "nearest", "wrap", "mirror", "reflect"}),
                         attribute<C>("fill_value", &C::fill_value, "Of fill_mode constant.")});
    add_common<C>(c, true);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomElasticTransform);

}  // namespace
}  // namespace keratin
