// What layers over images (sequences, volumes) share: classes that differ in the number of axes
// between the batch and the channels, and where the channels are.
#pragma once

#include "nn/layers/layer.h"
#include "ops/channels.h"

namespace keratin {

using ops::from_channels_last;
using ops::to_channels_last;
Shape to_channels_last(Shape shape, const std::string& data_format);

// One number for all axes, or one for each; throws kInvalidArgument naming layer and attribute.
void expand_to_axes(const Layer& layer, const char* attribute, std::vector<std::int64_t>& values,
                    std::size_t axes);
// The error of an input of another rank than axes + 2.
void require_axes(std::size_t rank, std::size_t axes, const Shape& shape);

class ImageLayer : public Layer {
 public:
  std::optional<std::string> data_format;

  ImageLayer(DescribeFn describe, std::size_t axes) : describe_(describe), axes_(axes) {}
  const ClassInfo& info() const override { return describe_(); }
  void configured() override {
    Layer::configured();
    if (!data_format) data_format = "channels_last";
  }

 protected:
  std::size_t axes() const { return axes_; }
  bool channels_first() const { return data_format == "channels_first"; }

  template <class C>
  static Attribute data_format_attribute() {
    return attribute<C>("data_format", &C::data_format, "Where the channels are; null: last.")
        .one_of({"channels_last", "channels_first"});
  }

 private:
  DescribeFn describe_;
  std::size_t axes_;
};

// One description for each number of axes (and what else tells the classes apart): C has
// `static ClassInfo describe_as(int variant)` and a constructor C(DescribeFn, int variant).
template <class C, int kVariant>
const ClassInfo& describe_variant() {
  static const ClassInfo info = [] {
    ClassInfo c = C::describe_as(kVariant);
    c.make = [] { return std::make_shared<C>(describe_variant<C, kVariant>, kVariant); };
    return c;
  }();
  return info;
}

// Registers a variant of C under a tag of its own.
#define KERATIN_REGISTER_VARIANT(Name, C, kVariant)                                \
  struct Name {                                                                    \
    static const ClassInfo& describe() { return describe_variant<C, kVariant>(); } \
  };                                                                               \
  KERATIN_REGISTER(Name)

}  // namespace keratin
