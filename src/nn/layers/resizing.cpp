// Images of another size: Resizing and CenterCrop.
#include "nn/layers/image_layer.h"
#include "ops/elementwise.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Where height and width are: images come in batches, or alone.
struct ImageAxes {
  int height, width;
  ImageAxes(const Shape& shape, bool channels_first)
      : height(channels_first ? int(shape.size()) - 2 : int(shape.size()) - 3), width(height + 1) {}
};

class SizeLayer : public ImageLayer {
 public:
  std::int64_t height = 1, width = 1;

  explicit SizeLayer(DescribeFn describe) : ImageLayer(describe, 2) {}

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    Value x = inputs[0];
    const Shape& shape = x.shape();
    require(shape.size() == 3 || shape.size() == 4, "expected images of rank 3 or 4, got shape ",
            to_string(shape));
    const ImageAxes at(shape, channels_first());
    require(shape[std::size_t(at.height)] > 0 && shape[std::size_t(at.width)] > 0,
            "height and width of the images must be known, got shape ", to_string(shape));
    x = ops::cast(x, compute_dtype());
    return {size(x, at, shape[std::size_t(at.height)], shape[std::size_t(at.width)])};
  }

 protected:
  virtual Value size(Value x, const ImageAxes& at, std::int64_t h, std::int64_t w) const = 0;

  template <class C>
  static std::vector<Attribute> size_attributes() {
    std::vector<Attribute> all = base_attributes<C>();
    all.push_back(attribute<C>("height", &C::height, "Height of the output.").required().above(0));
    all.push_back(attribute<C>("width", &C::width, "Width of the output.").required().above(0));
    return all;
  }

  Value resize(Value x, const ImageAxes& at, const std::string& interpolation,
               bool antialias) const {
    x = ops::resize_axis(x, at.height, height, interpolation, antialias);
    return ops::resize_axis(x, at.width, width, interpolation, antialias);
  }
};

class Resizing : public SizeLayer {
 public:
  std::string interpolation = "bilinear", fill_mode = "constant";
  bool crop_to_aspect_ratio = false, pad_to_aspect_ratio = false, antialias = false;
  double fill_value = 0;

  Resizing() : SizeLayer(describe) {}
  static const ClassInfo& describe();

  void configured() override {
    SizeLayer::configured();
    require(!crop_to_aspect_ratio || !pad_to_aspect_ratio, "layer '", name,
            "' (Resizing): crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other");
  }

  // Images of whole numbers stay so.
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value y = SizeLayer::call(context, inputs)[0];
    const DType dtype = inputs[0].dtype();
    if (is_floating(dtype)) return {y};
    return {ops::cast(dtype == DType::kUint8 ? ops::clip(ops::round(y), 0, 255) : ops::round(y),
                      dtype)};
  }

 protected:
  Value size(Value x, const ImageAxes& at, std::int64_t, std::int64_t) const override {
    if (crop_to_aspect_ratio) x = ops::crop_to_proportions(x, at.height, height, width);
    if (pad_to_aspect_ratio) x = ops::pad_to_proportions(x, at.height, height, width, fill_value);
    return resize(x, at, interpolation, antialias);
  }
};

const ClassInfo& Resizing::describe() {
  static const ClassInfo info = [] {
    using C = Resizing;
    ClassInfo c = class_info<C>("layers", "Resizing", "keras.layers", "Makes images a given size.");
    c.attributes = size_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("interpolation", &C::interpolation, "What stands between pixels.")
             .one_of({"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}),
         attribute<C>("crop_to_aspect_ratio", &C::crop_to_aspect_ratio,
                      "Whether the middle part of the target's proportions is taken."),
         attribute<C>("pad_to_aspect_ratio", &C::pad_to_aspect_ratio,
                      "Whether borders are added for the target's proportions."),
         attribute<C>("fill_mode", &C::fill_mode, "Only constant.").one_of({"constant"}),
         attribute<C>("fill_value", &C::fill_value, "Of added borders."),
         attribute<C>("antialias", &C::antialias, "Whether pixels left out take part."),
         data_format_attribute<C>()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Resizing);

// The middle of the images; smaller ones are resized.
class CenterCrop : public SizeLayer {
 public:
  CenterCrop() : SizeLayer(describe) {}
  static const ClassInfo& describe();

 protected:
  Value size(Value x, const ImageAxes& at, std::int64_t h, std::int64_t w) const override {
    if (h >= height && w >= width)
      return ops::middle(ops::middle(x, at.height, height), at.width, width);
    return resize(ops::crop_to_proportions(x, at.height, height, width), at, "bilinear", false);
  }
};

const ClassInfo& CenterCrop::describe() {
  static const ClassInfo info = [] {
    using C = CenterCrop;
    ClassInfo c =
        class_info<C>("layers", "CenterCrop", "keras.layers", "The middle of the images.");
    c.attributes = size_attributes<C>();
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CenterCrop);

}  // namespace
}  // namespace keratin
