// Random changes of images in training: what the layers share.
#pragma once

#include "nn/layers/image_layer.h"
#include "nn/seed.h"

namespace keratin {

struct Range {
  double low = 0, high = 0;
};

// A factor given as a number or as two: read, checked against the bounds, and made what Keras
// writes. A number alone stands for -factor .. factor within the bounds.
Range read_factor(const Layer& layer, const char* attribute, Json& json, Range bounds);
// Two numbers.
Range read_range(const Layer& layer, const char* attribute, const Json& json);

class Augmentation : public ImageLayer {
 public:
  Seed seed;
  Json value_range = Json{0, 255};

  explicit Augmentation(DescribeFn describe) : ImageLayer(describe, 2) {}

  void configured() override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 protected:
  virtual Value augment(Value images) const = 0;  // [batch, height, width, channels]
  virtual bool is_random() const { return true; }
  // Whether whole numbers become floating ones also where nothing is done to them, as in Keras.
  virtual bool always_floats() const { return true; }

  // One number a sample, [batch, 1, 1, 1], uniform.
  Value draw(Value images, Range range) const;
  // One number for all, a scalar.
  Value draw_one(Value images, Range range) const;
  // A mask [batch, 1, 1, 1]: true for a part of the samples, which is drawn itself.
  Value chosen(Value images, Range part) const;
  // From value_range to another, and back.
  Value from_range(Value images, Range target) const;
  Value to_range(Value images, Range source) const;
  Value clip_to_range(Value images) const;

  template <class C>
  static ClassInfo augmentation_info(const char* name, const char* doc) {
    ClassInfo c = class_info<C>("layers", name, "keras.layers", doc);
    c.attributes = base_attributes<C>();
    return c;
  }
  // The attributes that most have, in Keras' order.
  template <class C>
  static void add_common(ClassInfo& c, bool with_range) {
    if (with_range)
      c.attributes.push_back(
          attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."));
    c.attributes.push_back(attribute<C>("seed", &C::seed, "Seed; null: any."));
    c.attributes.push_back(data_format_attribute<C>());
  }
};

}  // namespace keratin
