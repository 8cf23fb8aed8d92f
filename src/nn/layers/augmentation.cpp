#include "nn/layers/augmentation.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/shape.h"

namespace keratin {
namespace {

Value mapped(Value x, Range from, Range to) {
  if (from.low == to.low && from.high == to.high) return x;
  return (x - from.low) / (from.high - from.low) * (to.high - to.low) + to.low;
}

}  // namespace

Range read_range(const Layer& layer, const char* attribute, const Json& json) {
  require(json.is_array() && json.size() == 2 && json[0].is_number() && json[1].is_number(),
          "layer '", layer.name, "' (", layer.info().name, "): expected ", attribute,
          " to be two numbers, got ", json.dump());
  return {json[0].get<double>(), json[1].get<double>()};
}

Range read_factor(const Layer& layer, const char* attribute, Json& json, Range bounds) {
  const auto check = [&](bool is_inside) {
    require(is_inside, "layer '", layer.name, "' (", layer.info().name, "): expected ", attribute,
            " between ", bounds.low, " and ", bounds.high, ", got ", json.dump());
  };
  if (json.is_number()) {
    const double size = json.get<double>();
    check(size >= bounds.low && size <= bounds.high);
    json = Json{std::max(-std::abs(size), bounds.low), std::abs(size)};
  }
  Range range = read_range(layer, attribute, json);
  if (range.low > range.high) {
    std::swap(range.low, range.high);
    json = Json{json[1], json[0]};
  }
  check(range.low <= bounds.high && range.high >= bounds.low);  // Keras looks no further
  return range;
}

void Augmentation::configured() {
  ImageLayer::configured();
  read_range(*this, "value_range", value_range);
  if (is_random() && !seed_state()) add_seed_state(seed.value());
}

std::vector<Value> Augmentation::call(CallContext& context, std::span<const Value> inputs) {
  const Value x = ops::cast(inputs[0], compute_dtype());
  if (is_random() && !context.training) return {always_floats() ? x : inputs[0]};
  require_axes(x.rank(), 2, x.shape());
  return {from_channels_last(augment(to_channels_last(x, *data_format)), *data_format)};
}

Value Augmentation::draw(Value images, Range range) const {
  Value like = images;
  for (int axis = 1; axis < 4; ++axis) like = ops::slice(like, axis, 0, 1);
  return ops::random_uniform(seed_state(), like) * (range.high - range.low) + range.low;
}

Value Augmentation::draw_one(Value images, Range range) const {
  const Value like = images.graph().constant(0.0, images.dtype());
  return ops::random_uniform(seed_state(), like) * (range.high - range.low) + range.low;
}

Value Augmentation::chosen(Value images, Range part) const {
  const Value share = draw(images, part);
  return ops::less(draw(images, {0, 1}), share);
}

Value Augmentation::from_range(Value images, Range target) const {
  return mapped(images, read_range(*this, "value_range", value_range), target);
}
Value Augmentation::to_range(Value images, Range source) const {
  return mapped(images, source, read_range(*this, "value_range", value_range));
}
Value Augmentation::clip_to_range(Value images) const {
  const Range range = read_range(*this, "value_range", value_range);
  return ops::clip(images, range.low, range.high);
}

}  // namespace keratin
