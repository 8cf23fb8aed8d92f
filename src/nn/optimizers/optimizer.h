// Optimizers: how gradients move the weights. Weights and gradients come as flat runs of float32,
// so that one call moves many variables; what Keras does around the update (accumulation, clipping,
// weight decay, averages, constraints) is done here, once for all of them.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
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
  float* gradient;      // may be overwritten
  float* const* slots;  // in the order of slot_groups(), one after another
  std::int64_t count;
  Shape shape;            // of the variable, where the run is one variable (update_by_variable)
  std::size_t index = 0;  // of the first variable
};

class Optimizer : public Object {
 public:
  static constexpr const char* kKind = "optimizers";

  std::string name;            // made from the class, as layers' names are, where none is given
  LearningRate learning_rate;  // as configured; current_learning_rate() is what applies
  std::optional<double> weight_decay, clipnorm, clipvalue, global_clipnorm;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency;
  std::optional<double> loss_scale_factor;  // whoever makes the gradients scales the loss by it
  std::optional<std::int64_t> gradient_accumulation_steps;

  // For describe(): the learning rate, the class's own attributes, then those above that are not
  // among them; Keras' order of arguments.
  template <class C>
  static std::vector<Attribute> base_attributes(std::vector<Attribute> own);
  void configured() override;  // overriders call it

  // Creates the state for these variables (once; later calls with the same variables do nothing,
  // with others throw kState). `constraints` has one entry a variable, NULL for none, or is empty.
  // Throws kUnsupported for a variable that is not float32. Weights that lie one after another in
  // memory, with gradients that do too, are moved by one call.
  virtual void build(std::vector<VariablePtr> weights, std::vector<ConstraintPtr> constraints);
  bool is_built() const { return built_; }

  // Makes one step: gradients[i] is that of weights[i] (same element count) and may be overwritten.
  // Includes unscaling, accumulation, clipping, decay, averages, constraints and the count of
  // iterations. Allocates nothing after the first step, while pointers stay.
  virtual void apply(std::span<float* const> gradients);

  // Keras' `optimizer.variables`, in its order, that of a file's "optimizer/vars/N": iteration
  // (int32), learning_rate (float32; none where there is a schedule), averages, accumulators,
  // slots.
  const std::vector<VariablePtr>& variables() const { return variables_; }

  virtual std::int64_t iterations() const;       // updates: steps over gradient_accumulation_steps
  virtual double current_learning_rate() const;  // the schedule's value where there is one
  virtual void set_learning_rate(double value);  // throws kState where there is a schedule
  virtual void finalize_weights();  // end of fit: with use_ema, weights become their averages

  // Weights and their averages, of itself and of parts(), where use_ema is set.
  std::vector<std::pair<VariablePtr, VariablePtr>> averages() const;

  // By which whoever makes the gradients multiplies the loss, where that changes from step to step;
  // NULL: loss_scale_factor.
  virtual VariablePtr dynamic_loss_scale() const { return nullptr; }
  // Optimizers inside, whose variables are among variables() and stand in a file once more, below
  // these names.
  virtual std::vector<std::pair<std::string, std::shared_ptr<Optimizer>>> parts() const {
    return {};
  }

 protected:
  // Per-step scalars for update(), computed once a step from iterations() (0 in the first) and the
  // rate.
  virtual void prepare(std::int64_t /*iterations*/, float /*learning_rate*/) {}
  // Names of the slots each variable has, in groups by Keras' order of creation: all slots of one
  // group are made for the first variable, then for the second, ..., then comes the next group.
  virtual std::vector<std::vector<std::string>> slot_groups() const { return {}; }
  virtual void update(const UpdateRun& run) = 0;
  // Creates the slots, those of weight i into slots[i]; overriders call it or take its place.
  virtual void build_slots(std::vector<std::vector<VariablePtr>>& slots);
  // Weight decay of one variable (update_by_variable), or of all.
  virtual std::optional<double> decay_of(std::size_t /*weight*/) const { return weight_decay; }
  // True for optimizers whose update looks at a whole variable (Adafactor, Lamb, Muon).
  virtual bool update_by_variable() const { return false; }

  static Attribute name_attribute(Attribute attribute);
  // Adds to variables(); its path is below the optimizer's name.
  VariablePtr add_variable(std::string variable_name, Tensor value);
  // The weight's path as part of a slot's name: "dense_kernel".
  static std::string prefix_of(const Variable& weight);
  const std::vector<VariablePtr>& weights() const { return weights_; }

  bool built_ = false;
  std::vector<VariablePtr> weights_, variables_;

 private:
  struct Run;
  struct State;
  // One a weight, zeroed, one after another in memory.
  std::vector<VariablePtr> add_like_weights(const std::vector<std::string>& suffixes);
  void find_runs(std::span<float* const> gradients);
  void clip(std::span<float* const> gradients);
  std::int64_t steps_per_update() const;
  std::int64_t step() const;  // calls of apply() so far

  static Attribute with_present_rate(Attribute attribute);

  std::vector<ConstraintPtr> constraints_;
  VariablePtr iteration_, rate_;  // rate_ is NULL where there is a schedule
  std::shared_ptr<State> state_;
};
using OptimizerPtr = std::shared_ptr<Optimizer>;

template <class C>
std::vector<Attribute> Optimizer::base_attributes(std::vector<Attribute> own) {
  std::vector<Attribute> all = {with_present_rate(
      attribute<C>("learning_rate", &C::learning_rate, "A number or a schedule."))};
  std::move(own.begin(), own.end(), std::back_inserter(all));
  const auto add = [&all](Attribute a) {
    const bool has = std::any_of(all.begin(), all.end(),
                                 [&](const Attribute& other) { return other.name == a.name; });
    if (!has) all.push_back(std::move(a));
  };
  add(attribute<C>("weight_decay", &C::weight_decay,
                   "Part of each weight, times the rate, taken off before each update."));
  add(attribute<C>("clipnorm", &C::clipnorm, "Largest norm of each variable's gradient."));
  add(attribute<C>("clipvalue", &C::clipvalue, "Largest magnitude of a gradient's element."));
  add(attribute<C>("global_clipnorm", &C::global_clipnorm,
                   "Largest norm of all gradients together."));
  add(attribute<C>("use_ema", &C::use_ema, "Whether a moving average of the weights is kept."));
  add(attribute<C>("ema_momentum", &C::ema_momentum, "Part of the average kept in each step."));
  add(attribute<C>("ema_overwrite_frequency", &C::ema_overwrite_frequency,
                   "Steps after which weights become their averages; null: after training.")
          .at_least(1));
  add(attribute<C>("loss_scale_factor", &C::loss_scale_factor,
                   "By which the loss was multiplied and gradients are divided."));
  add(attribute<C>("gradient_accumulation_steps", &C::gradient_accumulation_steps,
                   "Steps whose gradients are averaged for one update."));
  add(name_attribute(attribute<C>("name", &C::name, "Name; made from the class if null.")));
  return all;
}

}  // namespace keratin
