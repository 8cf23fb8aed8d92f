#include "nn/layers/image_layer.h"
#include "nn/layers/integers.h"
#include "ops/pool.h"

namespace keratin {
namespace {

// Means of whole numbers are floating, largest ones stay whole.
template <class Pool>
Value pooled(Value x, const std::string& data_format, std::optional<DType> floating,
             const Pool& pool) {
  return through_floats(floating ? ops::cast(x, *floating) : x, [&](Value images) {
    return from_channels_last(pool(to_channels_last(images, data_format)), data_format);
  });
}

// The largest element, or the mean, of each window. Variants: axes, + 10 for the mean.
class Pooling : public ImageLayer {
 public:
  std::vector<std::int64_t> pool_size{2};
  std::optional<std::vector<std::int64_t>> strides;
  std::string padding = "valid";

  Pooling() : Pooling(nullptr, 2) {}
  Pooling(DescribeFn describe, int variant)
      : ImageLayer(describe, std::size_t(variant % 10)), mean_(variant > 10) {}

  static ClassInfo describe_as(int variant) {
    using C = Pooling;
    const bool mean = variant > 10;
    const std::string axes = std::to_string(variant % 10) + "D";
    ClassInfo c =
        class_info<C>("layers", (mean ? "AveragePooling" : "MaxPooling") + axes, "keras.layers",
                      mean ? "The mean of each window." : "The largest element of each window.");
    c.aliases = {(mean ? "AvgPool" : "MaxPool") + axes};
    c.attributes = base_attributes<C>();
    Attribute size = attribute<C>("pool_size", &C::pool_size, "Extents of the window.").above(0);
    if (mean) size.required();
    c.attributes.insert(
        c.attributes.end(),
        {std::move(size),
         attribute<C>("strides", &C::strides, "How far the window moves; null: its extents.")
             .above(0),
         attribute<C>("padding", &C::padding,
                      "valid: the window stays inside; same: as many positions as elements, over "
                      "the stride.")
             .one_of({"valid", "same"}),
         data_format_attribute<C>()});
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    ensure_built({});  // built from the start, as in Keras
    expand_to_axes(*this, "pool_size", pool_size, axes());
    if (!strides) strides = pool_size;
    expand_to_axes(*this, "strides", *strides, axes());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    const auto floating = mean_ ? std::optional(compute_dtype()) : std::nullopt;
    return {pooled(inputs[0], *data_format, floating, [&](Value x) {
      const auto pool = mean_ ? ops::average_pool : ops::max_pool;
      return pool(x, pool_size, *strides, ops::padding_named(padding));
    })};
  }

 private:
  bool mean_;
};

// The same of as many windows as asked for.
class AdaptivePooling : public ImageLayer {
 public:
  std::vector<std::int64_t> output_size{1};

  AdaptivePooling() : AdaptivePooling(nullptr, 2) {}
  AdaptivePooling(DescribeFn describe, int variant)
      : ImageLayer(describe, std::size_t(variant % 10)), mean_(variant > 10) {}

  static ClassInfo describe_as(int variant) {
    using C = AdaptivePooling;
    const bool mean = variant > 10;
    ClassInfo c =
        class_info<C>("layers",
                      (mean ? "AdaptiveAveragePooling" : "AdaptiveMaxPooling") +
                          std::to_string(variant % 10) + "D",
                      "keras.layers", "Pools to a given extent, whatever the extent of the input.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("output_size", &C::output_size, "Extents of the output.").required().above(0),
         data_format_attribute<C>()});
    return c;
  }

  void configured() override {
    ImageLayer::configured();
    expand_to_axes(*this, "output_size", output_size, axes());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require_axes(inputs[0].rank(), axes(), inputs[0].shape());
    const auto floating = mean_ ? std::optional(compute_dtype()) : std::nullopt;
    return {pooled(inputs[0], *data_format, floating, [&](Value x) {
      const auto pool = mean_ ? ops::adaptive_average_pool : ops::adaptive_max_pool;
      return pool(x, output_size);
    })};
  }

 private:
  bool mean_;
};

KERATIN_REGISTER_VARIANT(MaxPooling1D, Pooling, 1);
KERATIN_REGISTER_VARIANT(MaxPooling2D, Pooling, 2);
KERATIN_REGISTER_VARIANT(MaxPooling3D, Pooling, 3);
KERATIN_REGISTER_VARIANT(AveragePooling1D, Pooling, 11);
KERATIN_REGISTER_VARIANT(AveragePooling2D, Pooling, 12);
KERATIN_REGISTER_VARIANT(AveragePooling3D, Pooling, 13);
KERATIN_REGISTER_VARIANT(AdaptiveMaxPooling1D, AdaptivePooling, 1);
KERATIN_REGISTER_VARIANT(AdaptiveMaxPooling2D, AdaptivePooling, 2);
KERATIN_REGISTER_VARIANT(AdaptiveMaxPooling3D, AdaptivePooling, 3);
KERATIN_REGISTER_VARIANT(AdaptiveAveragePooling1D, AdaptivePooling, 11);
KERATIN_REGISTER_VARIANT(AdaptiveAveragePooling2D, AdaptivePooling, 12);
KERATIN_REGISTER_VARIANT(AdaptiveAveragePooling3D, AdaptivePooling, 13);

}  // namespace
}  // namespace keratin
