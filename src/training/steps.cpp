#include "training/steps.h"

#include <algorithm>

#include "core/error.h"

namespace keratin {
namespace {

// Batches of ever new sizes and forms (lengths of sequences) must not pile up.
constexpr std::size_t kMostPlans = 16;  // of one step
constexpr std::size_t kMostSteps = 32;

struct StepCache : Compiled::Steps {
  std::vector<std::shared_ptr<Step>> steps;  // the latest last
};

}  // namespace

Step::Step(Model& model, const Prepared& data, bool training)
    : compiled_(*model.compiled),
      training_(training),
      inputs_(data.inputs),
      targets_(data.targets),
      weights_(data.weights),
      graph_(make_step(model, data.inputs, data.targets, data.weights, training)) {}

bool Step::is_for(const Prepared& data, bool training) const {
  return training_ == training && inputs_ == data.inputs && targets_ == data.targets &&
         weights_ == data.weights;
}

Workspace& Step::workspace(std::int64_t rows) {
  if (present_ < plans_.size() && plans_[present_].rows == rows) return *plans_[present_].workspace;
  present_ = 0;
  while (present_ < plans_.size() && plans_[present_].rows != rows) ++present_;
  if (present_ == plans_.size()) {
    // The gradients, all outputs but the first, have a place of their own.
    auto workspace = std::make_unique<Workspace>(std::make_shared<Plan>(
        *graph_.graph, rows, Plan::Variables::kShared, training_ ? 1 : Plan::kAll));
    if (training_)
      for (std::size_t i = 0; i < graph_.weights.size(); ++i)
        workspace->set_output(static_cast<int>(i) + 1, compiled_.gradients()[i]);
    if (plans_.size() == kMostPlans) {
      present_ = static_cast<std::size_t>(
          std::min_element(plans_.begin(), plans_.end(),
                           [](const Bound& a, const Bound& b) { return a.last_use < b.last_use; }) -
          plans_.begin());
      plans_[present_] = {rows, 0, std::move(workspace)};
    } else {
      plans_.push_back({rows, 0, std::move(workspace)});
    }
  }
  plans_[present_].last_use = ++uses_;
  return *plans_[present_].workspace;
}

void Step::run(Feed& feed, std::int64_t rows) {
  Workspace& bound = workspace(rows);
  feed.bind(bound);
  bound.run();
  if (training_) compiled_.optimizer->apply(compiled_.gradients());
}

std::shared_ptr<Step> step_for(Model& model, const Prepared& data, bool training) {
  Compiled& compiled = *model.compiled;
  compiled.build(model, data.targets);
  if (training) compiled.build_optimizer(model);
  if (!compiled.steps) compiled.steps = std::make_unique<StepCache>();
  auto& steps = static_cast<StepCache&>(*compiled.steps).steps;
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const auto& step) { return step->is_for(data, training); });
  if (found != steps.end()) {
    std::rotate(found, found + 1, steps.end());
  } else {
    steps.push_back(std::make_shared<Step>(model, data, training));
    if (steps.size() > kMostSteps) steps.erase(steps.begin());
  }
  return steps.back();
}

}  // namespace keratin
