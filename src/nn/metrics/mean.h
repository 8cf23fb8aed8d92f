// Metrics that are the weighted mean of something over the samples.
#pragma once

#include "nn/metrics/metric.h"

namespace keratin {

class MeanMetric : public Metric {
 public:
  void build(const Spec& y_true, const Spec& y_pred) override;
  void update(Value y_true, Value y_pred, Value sample_weight) override;
  std::vector<double> result() const override;
  bool heeds_mask() const override { return true; }

  // What the mean is taken of: [batch, ...].
  virtual Value values(Value y_true, Value y_pred) const = 0;
  // Which of them a sample weight counts for, 1 or 0; a null Value: all.
  virtual Value mask(Value /*y_true*/, Value /*y_pred*/) const { return {}; }

 private:
  VariablePtr total_, count_;
};

// A metric that is the mean of a function of targets and predictions, which `Form` names:
//   kName, kClass, kDoc, kDirection, aliases() and values(y_true, y_pred).
template <class Form>
class FunctionMetric final : public MeanMetric {
 public:
  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo c = metric_info<FunctionMetric>(Form::kClass, Form::kDoc);
      c.aliases = Form::aliases();
      return c;
    }();
    return info;
  }
  const ClassInfo& info() const override { return describe(); }
  FunctionMetric() { name = Form::kName; }
  Direction direction() const override { return Form::kDirection; }
  Value values(Value y_true, Value y_pred) const override { return Form::values(y_true, y_pred); }
};

}  // namespace keratin
