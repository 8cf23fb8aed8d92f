// The mean of a loss over an epoch: what the logs show under "loss". Each batch counts with its
// number of samples, so that a partial last batch weighs less.
#pragma once

#include "nn/metrics/metric.h"

namespace keratin {

class LossTracker : public Metric {
 public:
  KERATIN_CLASS
  explicit LossTracker(std::string key = "loss");

  void build(const Spec&, const Spec&) override {}
  // `loss` is a scalar; the batch size is the first extent of `like`.
  void update(Value loss, Value like, Value) override;
  std::vector<double> result() const override;
  Direction direction() const override { return Direction::kDown; }

 private:
  VariablePtr total_, count_;
};

}  // namespace keratin
