// Optimizers: how gradients move the weights. Weights and gradients come as flat runs of float32, so
// that one call moves many variables; what Keras does per variable (clipping by norm, weight decay with exclusions,
// constraints) is done here, once for all of them.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "core/registry.h"
#include "graph/variable.h"
#include "nn/constraints/constraint.h"
#include "nn/schedules/schedule.h"

namespace keratin {

// A number or a schedule.
struct LearningRate {
  double value = 0.001;
  SchedulePtr schedule;
};
KERATIN_JSON_TRAITS(LearningRate)

// One contiguous run of weights in an update; slots as the optimizer asked for them, zero at first.
struct UpdateRun {
  float* weight;
  const float* gradient;
  float* const* slots;
  std::int64_t count;
  Shape shape;   // of the variable, where the run is one variable (update_by_variable)
};

class Optimizer : public Object {
 public:
  static constexpr const char* kKind = "optimizers";

  std::string name;
  LearningRate learning_rate;
  std::optional<double> weight_decay, clipnorm, clipvalue, global_clipnorm;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency;
  std::optional<double> loss_scale_factor;
  std::optional<std::int64_t> gradient_accumulation_steps;

  // Attributes above, in Keras' order, for describe().
  template <class C>
  static std::vector<Attribute> base_attributes();

  // Creates the state for these variables (once; later calls with the same variables do nothing, with
  // others throw kState). `constraints` has one entry a variable, NULL for none. Weights that lie one after another in
  // memory, with gradients that do too, are moved by one call.
  void build(std::vector<VariablePtr> weights, std::vector<ConstraintPtr> constraints);
  bool is_built() const { return built_; }

  // Makes one step: gradients[i] is that of weights[i] (same element count, float32). Includes accumulation, clipping, decay, EMA,
  // constraints and the count of iterations. Allocates nothing after the first step.
  void apply(std::span<float* const> gradients);

  // Keras' `optimizer.variables`, in its order: iterations (int), learning_rate (float32), slots of each weight ...,
  // as the file's "optimizer/vars/N".
  const std::vector<VariablePtr>& variables() const { return variables_; }

  std::int64_t iterations() const;
  double current_learning_rate() const;      // the schedule's value where there is one
  void set_learning_rate(double value);      // throws kState where there is a schedule
  void finalize_weights();                   // end of fit: with use_ema, weights become their averages

 protected:
  // Per-step scalars for update(), computed once a step from iterations() (0 in the first) and the rate.
  virtual void prepare(std::int64_t /*iterations*/, float /*learning_rate*/) {}
  // Names of the slots each variable has, in Keras' order of creation ("momentum", "velocity").
  virtual std::vector<std::string> slot_names() const { return {}; }
  virtual void update(const UpdateRun& run) = 0;
  // True for optimizers whose update looks at a whole variable (Adafactor, Lamb, Muon).
  virtual bool update_by_variable() const { return false; }

 private:
  bool built_ = false;
  std::vector<VariablePtr> weights_, variables_;
  std::vector<ConstraintPtr> constraints_;
  struct State;
  std::shared_ptr<State> state_;
};
using OptimizerPtr = std::shared_ptr<Optimizer>;

}  // namespace keratin
