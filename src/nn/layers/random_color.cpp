// Random changes of values, pixel by pixel: brightness, contrast, inversion, degrees of grey,
// posterization, sharpness, solarization; and AutoContrast, which is not random.
#include "nn/layers/augmentation.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/images.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// A layer that is one function of the images and its factor's range.
struct ColorChange {
  const char* name;
  const char* doc;
  const char* factor_doc;
  Range bounds;
  bool required, single;  // whether the factor must be given; whether it is one number
  Json default_factor;
};

class ColorLayer : public Augmentation {
 public:
  Json factor = 0;

  ColorLayer() : Augmentation(nullptr) {}
  ColorLayer(DescribeFn describe, int variant) : Augmentation(describe), variant_(variant) {
    factor = changes()[variant].default_factor;
  }

  static ClassInfo describe_as(int variant) {
    using C = ColorLayer;
    const ColorChange& change = changes()[variant];
    ClassInfo c = augmentation_info<C>(change.name, change.doc);
    Attribute factor = attribute<C>("factor", &C::factor, change.factor_doc);
    factor.default_value = change.default_factor;
    if (change.required) factor.required();
    c.attributes.push_back(std::move(factor));
    add_common<C>(c, !change.single);
    // Keras' RandomGrayscale writes no seed.
    if (change.single)
      for (Attribute& a : c.attributes) a.omit_default |= a.name == "seed";
    return c;
  }

  void configured() override {
    Augmentation::configured();
    const ColorChange& change = changes()[variant_];
    if (change.single) {
      require(factor.is_number(), "layer '", name, "' (", info().name,
              "): expected factor to be a number, got ", factor.dump());
      range_ = {0, factor.get<double>()};
    } else {
      range_ = read_factor(*this, "factor", factor, change.bounds);
    }
  }

  enum Variant {
    kBrightness,
    kContrast,
    kGrayscale,
    kInvert,
    kPosterization,
    kSharpness,
    kColorDegeneration,
    kSaturation,
    kHue
  };

 protected:
  bool always_floats() const override { return variant_ == kSharpness; }
  Value augment(Value x) const override {
    const Range values = read_range(*this, "value_range", value_range);
    switch (variant_) {
      case kBrightness:
        return clip_to_range(x + draw(x, range_) * (values.high - values.low));
      case kContrast: {
        const Value mean = ops::mean(x, {1, 2}, true);
        const Value factor_ = draw(x, {1 - range_.low, 1 + range_.high});
        return clip_to_range((x - mean) * factor_ + mean);
      }
      case kGrayscale:
        return ops::where(ops::less(draw(x, {0, 1}), range_.high),
                          ops::broadcast_like(ops::to_grayscale(x), x), x);
      case kInvert: {
        const Value chance = draw(x, range_);
        return ops::where(ops::less(draw(x, {0, 1}), chance), values.high - x, x);
      }
      case kPosterization: {
        // How many bits go, of 8.
        const Value bits = 8.0 - ops::floor(draw(x, range_));
        const Value step = ops::round(ops::exp(bits * 0.69314718055994531));
        const Value whole = ops::floor(from_range(x, {0, 255}));
        return to_range(ops::floor(whole / step) * step, {0, 255});
      }
      case kSharpness: {
        const Value smooth = smoothed(x);
        return clip_to_range(x + (1.0 - draw(x, range_) * 2.0) * (smooth - x));
      }
      case kColorDegeneration:
        return clip_to_range(x + draw(x, range_) * (ops::to_grayscale(x) - x));
      case kSaturation: {
        const Value f = draw(x, range_);
        const auto [h, s, v] = ops::to_hsv(x);
        return ops::from_hsv(
            {h, ops::clip(s * (f / (1.0 - f + 1e-7)), values.low, values.high), v});
      }
      default: {
        const Value sign = 1.0 - ops::greater(draw(x, {0, 1}), 0.5) * 2.0;
        const auto [h, s, v] = ops::to_hsv(from_range(x, {0, 1}));
        Value hue = h + sign * draw(x, range_) * 0.5;
        hue = ops::where(ops::greater(hue, 1.0), hue - 1.0, hue);
        hue = ops::where(ops::less(hue, 0.0), hue + 1.0, hue);
        return to_range(ops::clip(ops::from_hsv({hue, s, v}), 0, 1), {0, 1});
      }
    }
  }

 private:
  static const ColorChange* changes() {
    static const ColorChange all[] = {
        {"RandomBrightness",
         "In training, changes the brightness.",
         "How far, of the range of values: a number or two.",
         {-1, 1},
         true,
         false,
         0},
        {"RandomContrast",
         "In training, changes the contrast.",
         "How far down and up: a number or two.",
         {0, 1},
         true,
         false,
         0},
        {"RandomGrayscale",
         "In training, makes a part of the images grey.",
         "Which part of the images.",
         {0, 1},
         false,
         true,
         0.5},
        {"RandomInvert",
         "In training, inverts a part of the images.",
         "Which part of the images: a number or two.",
         {0, 1},
         false,
         false,
         1.0},
        {"RandomPosterization",
         "In training, keeps the upper bits of values.",
         "How many bits: a number or two.",
         {1, 8},
         true,
         false,
         8},
        {"RandomSharpness",
         "In training, smooths or sharpens images.",
         "1/2 leaves them; below, smooths: a number or two.",
         {0, 1},
         true,
         false,
         0},
        {"RandomColorDegeneration",
         "In training, mixes images with grey.",
         "How much grey: a number or two.",
         {-1, 1},
         true,
         false,
         0},
        {"RandomSaturation",
         "In training, changes the saturation.",
         "1/2 leaves it, 0 is grey: a number or two.",
         {-1, 1},
         true,
         false,
         0},
        {"RandomHue",
         "In training, turns the hue.",
         "How far, in half turns: a number or two.",
         {0, 1},
         true,
         false,
         0},
    };
    return all;
  }

  Value smoothed(Value x) const {
    const std::int64_t channels = x.shape().back();
    Tensor kernel(DType::kFloat64, {3, 3, channels, 1});
    for (std::int64_t i = 0; i < kernel.size(); ++i)
      kernel.data<double>()[i] = (i / channels == 4 ? 5.0 : 1.0) / 13.0;
    return ops::depthwise_conv(x, x.graph().constant(kernel.as(x.dtype())), {1, 1}, {1, 1},
                               ops::Padding::kSame);
  }

  int variant_ = 0;
  Range range_;
};

KERATIN_REGISTER_VARIANT(RandomBrightness, ColorLayer, ColorLayer::kBrightness);
KERATIN_REGISTER_VARIANT(RandomContrast, ColorLayer, ColorLayer::kContrast);
KERATIN_REGISTER_VARIANT(RandomGrayscale, ColorLayer, ColorLayer::kGrayscale);
KERATIN_REGISTER_VARIANT(RandomInvert, ColorLayer, ColorLayer::kInvert);
KERATIN_REGISTER_VARIANT(RandomPosterization, ColorLayer, ColorLayer::kPosterization);
KERATIN_REGISTER_VARIANT(RandomSharpness, ColorLayer, ColorLayer::kSharpness);
KERATIN_REGISTER_VARIANT(RandomColorDegeneration, ColorLayer, ColorLayer::kColorDegeneration);
KERATIN_REGISTER_VARIANT(RandomSaturation, ColorLayer, ColorLayer::kSaturation);
KERATIN_REGISTER_VARIANT(RandomHue, ColorLayer, ColorLayer::kHue);

// Values stretched to the whole range, channel by channel.
class AutoContrast : public Augmentation {
 public:
  AutoContrast() : Augmentation(describe) {}
  static const ClassInfo& describe();

 protected:
  bool is_random() const override { return false; }
  Value augment(Value images) const override {
    const Value x = from_range(images, {0, 255});
    // Keras takes the second and third axis, wherever the channels are.
    const std::vector<int> axes =
        channels_first() ? std::vector<int>{1, 3} : std::vector<int>{1, 2};
    const Value low = ops::min(x, axes, true), high = ops::max(x, axes, true);
    const Value scale = 255.0 / (high - low);
    const Value stretched = to_range(ops::clip(x * scale - low * scale, 0, 255), {0, 255});
    return ops::where(ops::greater(high, low), stretched, images);
  }
};

const ClassInfo& AutoContrast::describe() {
  static const ClassInfo info = [] {
    using C = AutoContrast;
    ClassInfo c = augmentation_info<C>("AutoContrast", "Stretches values to the whole range.");
    c.attributes.push_back(
        attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."));
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AutoContrast);

// Adds to the values, then inverts those above a threshold.
class Solarization : public Augmentation {
 public:
  Json addition_factor = 0.0, threshold_factor = 0.0;

  Solarization() : Augmentation(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    Augmentation::configured();
    for (Json* json : {&addition_factor, &threshold_factor})
      if (json->is_number()) *json = Json{0, *json};
    addition_ = read_factor(*this, "addition_factor", addition_factor, {-1, 1});
    threshold_ = read_factor(*this, "threshold_factor", threshold_factor, {-1, 1});
  }

 protected:
  Value augment(Value images) const override {
    const Value added = draw(images, {addition_.low, addition_.high * 255});
    const Value threshold = draw(images, {threshold_.low, threshold_.high * 255});
    const Value x = ops::clip(from_range(images, {0, 255}) + added, 0, 255);
    return to_range(ops::where(ops::less(x, threshold), x, 255.0 - x), {0, 255});
  }

 private:
  Range addition_, threshold_;
};

const ClassInfo& Solarization::describe() {
  static const ClassInfo info = [] {
    using C = Solarization;
    ClassInfo c = augmentation_info<C>("Solarization", "In training, inverts large values.");
    c.attributes.push_back(attribute<C>("addition_factor", &C::addition_factor,
                                        "What is added first: a number or two."));
    c.attributes.push_back(attribute<C>("threshold_factor", &C::threshold_factor,
                                        "From where on values are inverted: a number or two."));
    add_common<C>(c, true);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Solarization);

}  // namespace
}  // namespace keratin
