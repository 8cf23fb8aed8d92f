#include "nn/optimizers/optimizer.h"

#include <cmath>
#include <cstring>

#include "kernels/optimizer_updates.h"
#include "nn/layers/layer.h"  // unique_name

namespace keratin {

LearningRate JsonTraits<LearningRate>::read(const Json& json) {
  if (json.is_number()) return {json.get<double>(), nullptr};
  require(json.is_object(), "expected a number or a serialized schedule, got ", json.dump());
  return {0, deserialize_as<Schedule>(json)};
}
Json JsonTraits<LearningRate>::write(const LearningRate& rate) {
  return rate.schedule ? serialize(rate.schedule.get()) : Json(rate.value);
}
std::string JsonTraits<LearningRate>::type() { return "float or schedule"; }

// Weights that one call moves, with all that belongs to them.
struct Optimizer::Run {
  UpdateRun update;
  float* gradient;
  float* average;      // NULL without averages
  float* accumulator;  // NULL without accumulation
  std::vector<float*> slots;
};

struct Optimizer::State {
  std::vector<VariablePtr> averages, accumulators;  // one a weight, or none
  std::vector<std::vector<VariablePtr>> slots;      // of each weight
  std::vector<Run> runs;
  std::vector<const float*> pointers;  // for which the runs were found

  // Calls fn(pointer) with where each thing of weight i lies.
  template <class Fn>
  void for_each_pointer(const std::vector<VariablePtr>& weights, std::span<float* const> gradients,
                        std::size_t i, Fn&& fn) const {
    fn(weights[i]->value.data<float>());
    fn(gradients[i]);
    for (const VariablePtr& slot : slots[i]) fn(slot->value.data<float>());
    if (!averages.empty()) fn(averages[i]->value.data<float>());
    if (!accumulators.empty()) fn(accumulators[i]->value.data<float>());
  }
};

Attribute Optimizer::with_present_rate(Attribute a) {
  a.get = [](const Object& object) {
    const Optimizer& optimizer = static_cast<const Optimizer&>(object);
    if (!optimizer.rate_) return JsonTraits<LearningRate>::write(optimizer.learning_rate);
    return Json(optimizer.current_learning_rate());
  };
  return a;
}

Attribute Optimizer::name_attribute(Attribute a) {
  a.type += "?";
  a.default_value = nullptr;
  a.set = [](Object& object, const Json& json) {
    static_cast<Optimizer&>(object).name =
        json.is_null() ? "" : JsonTraits<std::string>::read(json);
  };
  return a;
}

void Optimizer::configured() {
  if (name.empty()) name = unique_name(info().name);
  const int clips = clipnorm.has_value() + clipvalue.has_value() + global_clipnorm.has_value();
  require(clips <= 1, info().name,
          ": only one of clipnorm, clipvalue and global_clipnorm can be given");
  require(!use_ema || (ema_momentum >= 0 && ema_momentum <= 1), info().name,
          ".ema_momentum: expected a value from 0 to 1, got ", ema_momentum);
  if (gradient_accumulation_steps == 0) gradient_accumulation_steps.reset();
  require(!gradient_accumulation_steps || *gradient_accumulation_steps >= 2, info().name,
          ".gradient_accumulation_steps: expected at least 2, got ",
          gradient_accumulation_steps.value_or(0));
  if (iteration_) return;
  iteration_ = add_variable("iteration", Tensor::scalar<std::int32_t>(0));
  if (!learning_rate.schedule)
    rate_ = add_variable("learning_rate", Tensor::scalar(float(learning_rate.value)));
}

VariablePtr Optimizer::add_variable(std::string variable_name, Tensor value) {
  auto variable = std::make_shared<Variable>(std::move(variable_name), std::move(value), false);
  variable->path = name + "/" + variable->name;
  variables_.push_back(variable);
  return variable;
}

std::string Optimizer::prefix_of(const Variable& weight) {
  std::string prefix = weight.path.empty() ? weight.name : weight.path;
  std::replace(prefix.begin(), prefix.end(), '/', '_');
  return prefix;
}

std::vector<VariablePtr> Optimizer::add_like_weights(const std::vector<std::string>& suffixes) {
  std::int64_t total = 0;
  for (const VariablePtr& weight : weights_) total += weight->value.size();
  std::vector<Tensor> homes;
  for (std::size_t i = 0; i < suffixes.size(); ++i)
    homes.emplace_back(DType::kFloat32, Shape{total});
  std::vector<VariablePtr> added;
  std::int64_t offset = 0;
  for (const VariablePtr& weight : weights_) {
    const std::string prefix = prefix_of(*weight);
    for (std::size_t i = 0; i < suffixes.size(); ++i)
      added.push_back(
          add_variable(prefix + "_" + suffixes[i], homes[i].view(offset, weight->value.shape())));
    offset += weight->value.size();
  }
  return added;
}

void Optimizer::build(std::vector<VariablePtr> weights, std::vector<ConstraintPtr> constraints) {
  if (built_) {
    if (weights != weights_)
      fail(Code::kState, "the optimizer '", name, "' was built for other variables");
    return;
  }
  require(constraints.empty() || constraints.size() == weights.size(), "the optimizer '", name,
          "' got ", weights.size(), " variables and ", constraints.size(), " constraints");
  for (const VariablePtr& weight : weights)
    if (weight->value.dtype() != DType::kFloat32)
      fail(Code::kUnsupported, "the optimizer '", name, "' trains float32 variables; '",
           weight->path, "' is ", name_of(weight->value.dtype()));
  configured();  // where it was not made by the registry
  weights_ = std::move(weights);
  constraints_ = std::move(constraints);
  state_ = std::make_shared<State>();
  if (use_ema) state_->averages = add_like_weights({"average"});
  if (gradient_accumulation_steps)
    state_->accumulators = add_like_weights({"gradient_accumulator"});
  state_->slots.resize(weights_.size());
  build_slots(state_->slots);
  built_ = true;
}

void Optimizer::build_slots(std::vector<std::vector<VariablePtr>>& slots) {
  for (const std::vector<std::string>& group : slot_groups()) {
    const std::vector<VariablePtr> added = add_like_weights(group);
    for (std::size_t i = 0; i < added.size(); ++i) slots[i / group.size()].push_back(added[i]);
  }
}

void Optimizer::find_runs(std::span<float* const> gradients) {
  State& s = *state_;
  // Nothing moved since the last step?
  std::size_t at = 0;
  bool same = !s.pointers.empty();
  for (std::size_t i = 0; same && i < weights_.size(); ++i)
    s.for_each_pointer(weights_, gradients, i,
                       [&](const float* pointer) { same = same && pointer == s.pointers[at++]; });
  if (same) return;

  s.pointers.clear();
  s.runs.clear();
  const std::size_t stride =
      weights_.empty() ? 0 : 2 + s.slots[0].size() + !s.averages.empty() + !s.accumulators.empty();
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    s.for_each_pointer(weights_, gradients, i,
                       [&](const float* pointer) { s.pointers.push_back(pointer); });
    const Tensor& weight = weights_[i]->value;
    // Does all of it lie behind that of the weight before?
    bool joins = i > 0 && !update_by_variable();
    const std::int64_t before = i ? weights_[i - 1]->value.size() : 0;
    for (std::size_t k = 0; joins && k < stride; ++k)
      joins = s.pointers[(i - 1) * stride + k] + before == s.pointers[i * stride + k];
    if (joins) {
      s.runs.back().update.count += weight.size();
      continue;
    }
    Run run;
    run.gradient = gradients[i];
    run.average = s.averages.empty() ? nullptr : s.averages[i]->value.data<float>();
    run.accumulator = s.accumulators.empty() ? nullptr : s.accumulators[i]->value.data<float>();
    for (const VariablePtr& slot : s.slots[i]) run.slots.push_back(slot->value.data<float>());
    run.update = {weight.data<float>(), gradients[i], nullptr, weight.size(), weight.shape(), i};
    s.runs.push_back(std::move(run));
  }
  for (Run& run : s.runs) run.update.slots = run.slots.data();
}

void Optimizer::clip(std::span<float* const> gradients) {
  const auto count = [&](std::size_t i) { return weights_[i]->value.size(); };
  if (clipnorm && *clipnorm > 0) {
    const float limit = float(*clipnorm);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const float norm = std::sqrt(kernels::sum_of_squares(gradients[i], count(i)));
      kernels::scale_and_divide(gradients[i], limit, std::max(norm, limit), count(i));
    }
  } else if (global_clipnorm && *global_clipnorm > 0) {
    float squares = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i)
      squares += kernels::sum_of_squares(gradients[i], count(i));
    const float norm = std::sqrt(squares);
    float factor = float(*global_clipnorm) * std::min(1 / norm, float(1 / *global_clipnorm));
    factor += norm - norm;  // NaN where the norm is not finite
    for (const Run& run : state_->runs) kernels::scale(run.gradient, factor, run.update.count);
  } else if (clipvalue && *clipvalue > 0) {
    const float limit = float(*clipvalue);
    for (const Run& run : state_->runs)
      kernels::clip_by_value(run.gradient, -limit, limit, run.update.count);
  }
}

void Optimizer::apply(std::span<float* const> gradients) {
  if (!built_) fail(Code::kState, "the optimizer '", name, "' was not built");
  require(gradients.size() == weights_.size(), "the optimizer '", name, "' was built for ",
          weights_.size(), " variables and got ", gradients.size(), " gradients");
  for (std::size_t i = 0; i < gradients.size(); ++i)
    require(gradients[i] != nullptr, "no gradient for the variable '", weights_[i]->path, "'");
  find_runs(gradients);
  std::vector<Run>& runs = state_->runs;

  const std::int64_t present = step();
  const std::int64_t updates = present / steps_per_update();
  const bool updating = (present + 1) % steps_per_update() == 0;
  for (const Run& run : runs) {
    const std::int64_t count = run.update.count;
    if (loss_scale_factor)
      kernels::scale_and_divide(run.gradient, 1, float(*loss_scale_factor), count);
    if (!run.accumulator) continue;
    if (updating) {
      kernels::mean_with_accumulated(run.gradient, run.accumulator, float(steps_per_update()),
                                     count);
      std::memset(run.accumulator, 0, std::size_t(count) * sizeof(float));
    } else {
      kernels::accumulate(run.accumulator, run.gradient, count);
    }
  }
  if (updating) {
    clip(gradients);
    const float rate = float(current_learning_rate());
    prepare(updates, rate);
    for (const Run& run : runs) {
      if (const std::optional<double> decay = decay_of(run.update.index))
        kernels::decay_weights(run.update.weight, float(*decay), rate, run.update.count);
      update(run.update);
    }
  }
  if (use_ema) {  // with accumulation, too, in every step
    const float momentum = updates ? float(ema_momentum) : 0;
    const bool overwrite = ema_overwrite_frequency && (updates + 1) % *ema_overwrite_frequency == 0;
    for (const Run& run : runs) {
      kernels::update_average(run.average, run.update.weight, momentum, run.update.count);
      if (overwrite)
        std::memcpy(run.update.weight, run.average, std::size_t(run.update.count) * sizeof(float));
    }
  }
  for (std::size_t i = 0; i < constraints_.size(); ++i)
    if (constraints_[i]) constraints_[i]->apply(weights_[i]->value);
  ++*iteration_->value.data<std::int32_t>();
}

std::int64_t Optimizer::steps_per_update() const { return gradient_accumulation_steps.value_or(1); }

std::int64_t Optimizer::step() const {
  return iteration_ ? *iteration_->value.data<std::int32_t>() : 0;
}

std::int64_t Optimizer::iterations() const { return step() / steps_per_update(); }

double Optimizer::current_learning_rate() const {
  if (learning_rate.schedule) return learning_rate.schedule->at(step());
  return rate_ ? double(*rate_->value.data<float>()) : double(float(learning_rate.value));
}

void Optimizer::set_learning_rate(double value) {
  if (learning_rate.schedule)
    fail(Code::kState, "the learning rate of the optimizer '", name, "' is a schedule (",
         learning_rate.schedule->info().name, "), it cannot be set");
  learning_rate.value = value;
  if (rate_) *rate_->value.data<float>() = float(value);
}

void Optimizer::finalize_weights() {
  if (!use_ema || !built_) return;
  for (std::size_t i = 0; i < weights_.size(); ++i)
    weights_[i]->value.assign(state_->averages[i]->value);
}

std::vector<std::pair<VariablePtr, VariablePtr>> Optimizer::averages() const {
  std::vector<std::pair<VariablePtr, VariablePtr>> all;
  if (state_)
    for (std::size_t i = 0; i < state_->averages.size(); ++i)
      all.emplace_back(weights_[i], state_->averages[i]);
  for (const auto& [name_of_part, part] : parts())
    for (auto& pair : part->averages()) all.push_back(std::move(pair));
  return all;
}

}  // namespace keratin
