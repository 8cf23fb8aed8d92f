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

 protected:
  // What the mean is taken of: [batch, ...].
  virtual Value values(Value y_true, Value y_pred) const = 0;
  // Which of them a sample weight counts for, 1 or 0; a null Value: all.
  virtual Value mask(Value /*y_true*/, Value /*y_pred*/) const { return {}; }

 private:
  VariablePtr total_, count_;
};

}  // namespace keratin
