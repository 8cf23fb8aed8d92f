// Intersection over union: of what is or is taken for a class, the part that is both.
#include <algorithm>
#include <numeric>

#include "nn/layers/layer.h"      // policy_name, unique_name
#include "nn/losses/functions.h"  // kEpsilon
#include "nn/metrics/metric.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// The base of all. Classes of targets and predictions that are none, and the ignored one, do not
// count. The state is float64, so that it counts far enough.
class IoUBase : public Metric {
 public:
  std::int64_t num_classes = 2;
  std::vector<std::int64_t> target_class_ids;  // of which the mean is taken; empty: all
  std::optional<std::int64_t> ignore_class;
  bool sparse_y_true = true, sparse_y_pred = true;
  std::int64_t axis = -1;

  Direction direction() const override { return Direction::kUp; }
  void configured() override {
    if (name.empty()) name = unique_name(info().name);
    dtype = dtype.is_null() || dtype == "int" ? "int32" : policy_name(dtype);
    if (dtype != "int32" && dtype != "int64" && dtype != "float32")
      fail(Code::kUnsupported, info().name, ".dtype: expected int32, int64 or float32, got ",
           dtype.dump());
    for (const std::int64_t id : target_class_ids)
      require(id >= 0 && id < num_classes, info().name, ".target_class_ids: ", id,
              " is not one of the ", num_classes, " classes");
  }
  void build(const Spec& /*y_true*/, const Spec& /*y_pred*/) override {
    matrix_ = add_variable("total_confusion_matrix", {num_classes, num_classes}, DType::kFloat64);
  }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    const Value truth = rows(classes(y_true, sparse_y_true));
    const Value found = rows(classes(y_pred, sparse_y_pred));
    Value right = one_hot(truth);
    if (sample_weight) {
      // Weights of an integer metric are whole numbers.
      const DType kept = dtype == "float32" ? DType::kFloat32 : DType::kInt32;
      const Value whole = ops::cast(ops::cast(sample_weight, kept), DType::kFloat64);
      right = right * ops::reshape(whole, {kUnknown, 1});
    }
    if (ignore_class) {
      const Value ignored = ops::equal(ops::cast(truth, DType::kFloat64), double(*ignore_class));
      right = right * (1.0 - ops::reshape(ignored, {kUnknown, 1}));
    }
    accumulate(matrix_, ops::matmul(right, one_hot(found), true, false));
  }
  std::vector<double> result() const override {
    if (!matrix_) return {0.0};
    std::vector<std::int64_t> ids = target_class_ids;
    if (ids.empty()) {
      ids.resize(std::size_t(num_classes));
      std::iota(ids.begin(), ids.end(), 0);
    }
    float sum = 0, valid = 0;
    for (const std::int64_t id : ids) {
      const float both = float(at(id, id));
      double either = -at(id, id);
      for (std::int64_t i = 0; i < num_classes; ++i) either += at(i, id) + at(id, i);
      if (either <= 1e-9) continue;
      sum += both / (float(either) + float(kEpsilon));
      ++valid;
    }
    return {sum / (valid + float(kEpsilon))};
  }

 protected:
  // Class indices, int32, of any shape.
  Value classes(Value y, bool sparse) const {
    if (!sparse)
      y = ops::argmax(is_floating(y.dtype()) ? y : ops::cast(y, DType::kFloat32), int(axis));
    return ops::cast(y, DType::kInt32);
  }

  template <class C>
  static Attribute classes_attribute() {
    return attribute<C>("num_classes", &C::num_classes, "How many classes there are.")
        .required()
        .at_least(1);
  }
  template <class C>
  static Attribute targets_attribute() {
    return attribute<C>("target_class_ids", &C::target_class_ids,
                        "The classes of which the mean is taken.");
  }
  // What stands behind name and dtype; of one-hot metrics targets are never sparse.
  template <class C>
  static std::vector<Attribute> options(bool one_hot) {
    std::vector<Attribute> all = {
        attribute<C>("ignore_class", &C::ignore_class, "Targets of this class do not count.")};
    if (!one_hot)
      all.push_back(attribute<C>("sparse_y_true", &C::sparse_y_true,
                                 "Whether targets are class indices rather than one-hot."));
    all.push_back(attribute<C>("sparse_y_pred", &C::sparse_y_pred,
                               "Whether predictions are class indices rather than probabilities."));
    all.push_back(attribute<C>("axis", &C::axis, "The axis of the classes."));
    return all;
  }

 private:
  static Value rows(Value indices) { return ops::reshape(indices, {kUnknown}); }
  Value one_hot(Value indices) const { return ops::one_hot(indices, num_classes, DType::kFloat64); }
  double at(std::int64_t truth, std::int64_t found) const {
    return matrix_->value.data<double>()[truth * num_classes + found];
  }
  VariablePtr matrix_;
};

class IoU : public IoUBase {
 public:
  KERATIN_CLASS
};

const ClassInfo& IoU::describe() {
  static const ClassInfo info = metric_info<IoU>(
      "IoU", "The mean of the given classes' intersections over unions.",
      {classes_attribute<IoU>(), targets_attribute<IoU>().required()}, options<IoU>(false));
  return info;
}
KERATIN_REGISTER(IoU);

class MeanIoU : public IoUBase {
 public:
  KERATIN_CLASS
};

const ClassInfo& MeanIoU::describe() {
  static const ClassInfo info =
      metric_info<MeanIoU>("MeanIoU", "The mean of all classes' intersections over unions.",
                           {classes_attribute<MeanIoU>()}, options<MeanIoU>(false));
  return info;
}
KERATIN_REGISTER(MeanIoU);

class OneHotIoU : public IoUBase {
 public:
  KERATIN_CLASS
  OneHotIoU() { sparse_y_true = sparse_y_pred = false; }
};

const ClassInfo& OneHotIoU::describe() {
  static const ClassInfo info = metric_info<OneHotIoU>(
      "OneHotIoU", "IoU of one-hot targets.",
      {classes_attribute<OneHotIoU>(), targets_attribute<OneHotIoU>().required()},
      options<OneHotIoU>(true));
  return info;
}
KERATIN_REGISTER(OneHotIoU);

class OneHotMeanIoU : public IoUBase {
 public:
  KERATIN_CLASS
  OneHotMeanIoU() { sparse_y_true = sparse_y_pred = false; }
};

const ClassInfo& OneHotMeanIoU::describe() {
  static const ClassInfo info = metric_info<OneHotMeanIoU>(
      "OneHotMeanIoU", "MeanIoU of one-hot targets.", {classes_attribute<OneHotMeanIoU>()},
      options<OneHotMeanIoU>(true));
  return info;
}
KERATIN_REGISTER(OneHotMeanIoU);

class BinaryIoU : public IoUBase {
 public:
  double threshold = 0.5;

  KERATIN_CLASS
  BinaryIoU() { target_class_ids = {0, 1}; }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    const Value positive =
        ops::greater_equal(ops::cast(y_pred, DType::kFloat32), double(float(threshold)));
    IoUBase::update(y_true, positive, sample_weight);
  }
};

const ClassInfo& BinaryIoU::describe() {
  using C = BinaryIoU;
  static const ClassInfo info = metric_info<C>(
      "BinaryIoU", "IoU of the classes 0 and 1, the latter from a threshold on.",
      {targets_attribute<C>(),
       attribute<C>("threshold", &C::threshold, "Predictions from it on stand for 1.")});
  return info;
}
KERATIN_REGISTER(BinaryIoU);

}  // namespace
}  // namespace keratin
