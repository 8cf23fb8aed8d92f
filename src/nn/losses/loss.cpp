#include "nn/losses/loss.h"

#include "nn/layers/layer.h"  // unique_name, policy_name
#include "nn/losses/functions.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

DType compute_dtype(const Json& dtype) {
  if (dtype.is_null()) return DType::kFloat32;
  const std::string policy = policy_name(dtype);
  if (policy == "float32") return DType::kFloat32;
  if (policy == "float64") return DType::kFloat64;
  fail(Code::kUnsupported, "losses are computed in float32 or float64, not in ", policy);
}

// The mask as a weight, worked into the sample weight. For means its ones become total / valid, so
// that a mean over all values is one over those that count.
Value apply_mask(Value sample_weight, Value mask, const std::string& reduction) {
  if (reduction == "mean" || reduction == "sum_over_batch_size")
    mask = mask * divide_no_nan(ops::count(mask), ops::sum(mask));
  return masked_weight(sample_weight, mask);
}

}  // namespace

void Loss::configured() {
  if (name.empty()) name = unique_name(info().name);
  compute_dtype(dtype);
}

Attribute Loss::reduction_attribute(Attribute a) {
  a.one_of({"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"});
  a.type += "?";
  a.set = [](Object& object, const Json& json) {
    static_cast<Loss&>(object).reduction =
        json.is_null() ? "" : JsonTraits<std::string>::read(json);
  };
  a.get = [](const Object& object) {
    const std::string& reduction = static_cast<const Loss&>(object).reduction;
    return reduction.empty() ? Json() : Json(reduction);
  };
  return a;
}

Attribute Loss::name_attribute(Attribute a) {
  a.type += "?";
  a.set = [](Object& object, const Json& json) {
    static_cast<Loss&>(object).name = json.is_null() ? "" : JsonTraits<std::string>::read(json);
  };
  return a;
}

Value masked_weight(Value sample_weight, Value mask) {
  if (!sample_weight) return mask;
  const auto [m, w] =
      squeeze_or_expand_to_same_rank(ops::cast(mask, sample_weight.dtype()), sample_weight);
  return w * m;
}

Value Loss::operator()(Value y_true, Value y_pred, Value sample_weight,
                       Value prediction_mask) const {
  const DType computed = compute_dtype(dtype);
  y_pred = ops::cast(y_pred, computed);
  y_true = ops::cast(y_true, computed);
  if (sample_weight) sample_weight = ops::cast(sample_weight, computed);
  std::tie(y_true, y_pred) = squeeze_or_expand_to_same_rank(y_true, y_pred);
  Value counts = mask(y_true, y_pred);
  if (prediction_mask) {
    prediction_mask = ops::cast(prediction_mask, computed);
    counts = counts ? counts * prediction_mask : prediction_mask;
  }
  return reduce_weighted_values(call(y_true, y_pred), sample_weight, counts, reduction);
}

std::pair<Value, Value> squeeze_or_expand_to_same_rank(Value a, Value b, bool expand_rank_1) {
  if (a.rank() == b.rank() + 1 && a.shape().back() == 1) {
    if (b.rank() == 1 && expand_rank_1) return {a, ops::expand_dims(b, -1)};
    return {ops::squeeze(a, -1), b};
  }
  if (b.rank() == a.rank() + 1 && b.shape().back() == 1) {
    if (a.rank() == 1 && expand_rank_1) return {ops::expand_dims(a, -1), b};
    return {a, ops::squeeze(b, -1)};
  }
  return {a, b};
}

Value divide_no_nan(Value a, Value b) {
  const Value zero = ops::equal(b, 0);
  return ops::where(zero, 0.0, a / ops::where(zero, 1.0, b));
}

Value reduce_weighted_values(Value values, Value sample_weight, Value mask,
                             const std::string& reduction) {
  if (mask) sample_weight = apply_mask(sample_weight, mask, reduction);
  if (sample_weight) {
    std::tie(values, sample_weight) = squeeze_or_expand_to_same_rank(values, sample_weight);
    values = values * sample_weight;
  }
  if (reduction.empty() || reduction == "none" || values.rank() == 0) return values;
  if (reduction == "sum") return ops::sum(values);
  if (reduction == "mean_with_sample_weight" && sample_weight)
    return divide_no_nan(ops::sum(values), ops::sum(sample_weight));
  return ops::mean(values);
}

std::pair<Value, Value> alike(Value y_true, Value y_pred) {
  return squeeze_or_expand_to_same_rank(ops::cast(y_true, y_pred.dtype()), y_pred);
}

void require_same_shape(Value y_true, Value y_pred) {
  require(compatible(y_true.shape(), y_pred.shape()),
          "expected targets and predictions of one shape, got targets of ",
          to_string(y_true.shape()), " and predictions of ", to_string(y_pred.shape()));
}

}  // namespace keratin
