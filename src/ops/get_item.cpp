#include "ops/get_item.h"

#include <algorithm>

#include "core/error.h"
#include "ops/gather.h"
#include "ops/picking.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

bool is_a(const Json& json, const char* class_name) {
  return json.is_object() && json.contains("class_name") && json["class_name"] == class_name;
}

std::optional<std::int64_t> part(const Json& slice, const char* name) {
  const Json& config = slice.at("config");
  if (!config.contains(name) || config[name].is_null()) return {};
  require(config[name].is_number_integer(), "expected an integer as '", name, "' of a slice, got ",
          config[name].dump());
  return config[name].get<std::int64_t>();
}

// Where a bound of a slice lies on an axis, as Python counts.
std::int64_t bound(std::int64_t at, std::int64_t extent) {
  return std::clamp<std::int64_t>(at < 0 ? at + extent : at, 0, extent);
}

Value take_slice(Value x, int axis, const Json& slice) {
  const std::int64_t extent = x.shape().at(std::size_t(axis));
  const auto start = part(slice, "start"), stop = part(slice, "stop");
  const std::int64_t step = part(slice, "step").value_or(1);
  if (!start && !stop && step == 1) return x;
  if (extent == kUnknown) fail(Code::kUnsupported, "the batch axis cannot be sliced");
  if (step < 0) {
    // Counted so that -1 stands for what comes before the first.
    const auto last = [&](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + extent : at, -1, extent - 1);
    };
    return stride(x, axis, start ? last(*start) : extent - 1, stop ? last(*stop) : -1, step);
  }
  const std::int64_t begin = bound(start.value_or(0), extent);
  const std::int64_t end = std::max(begin, bound(stop.value_or(extent), extent));
  return step == 1 ? ops::slice(x, axis, begin, end) : stride(x, axis, begin, end, step);
}

Value take_index(Value x, int axis, std::int64_t index) {
  const std::int64_t extent = x.shape().at(std::size_t(axis));
  if (extent == kUnknown)
    return take(x, x.graph().constant(Tensor::scalar(std::int32_t(index))), axis);
  require(index >= -extent && index < extent, "the index ", index,
          " is out of range for an axis of ", extent);
  if (index < 0) index += extent;
  return squeeze(ops::slice(x, axis, index, index + 1), axis);
}

}  // namespace

Value get_item(Value x, const Json& key) {
  const Json list = key.is_array() ? key : Json::array({key});
  const auto takes_axis = [](const Json& k) {
    return k.is_number_integer() || is_a(k, "__slice__");
  };
  const auto taken = std::count_if(list.begin(), list.end(), takes_axis);
  require(taken <= std::int64_t(x.rank()), "expected at most ", x.rank(), " indices, got ", taken);
  int axis = 0;
  for (const Json& k : list) {
    if (k.is_null()) {
      x = expand_dims(x, axis++);
    } else if (is_a(k, "__ellipsis__")) {
      // What comes after it takes the last axes.
      const auto after = std::count_if(&k - &list[0] + list.begin(), list.end(), takes_axis);
      axis = int(x.rank()) - int(after);
    } else if (k.is_number_integer()) {
      x = take_index(x, axis, k.get<std::int64_t>());
    } else if (is_a(k, "__slice__")) {
      x = take_slice(x, axis++, k);
    } else {
      fail(Code::kUnsupported, "cannot index by ", k.dump());
    }
  }
  return x;
}

}  // namespace keratin::ops
