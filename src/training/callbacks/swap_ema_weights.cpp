#include <algorithm>

#include "core/error.h"
#include "model/compile.h"
#include "training/callback.h"

namespace keratin {
namespace {

// Evaluates with the averages of the weights that an optimizer with use_ema keeps: both change
// places before, and once more after. As in Keras, but that predict puts the weights back, too.
class SwapEMAWeights : public Callback {
 public:
  KERATIN_CLASS
  bool swap_on_epoch = false;

  void on_epoch_begin(std::int64_t) override {
    if (swap_on_epoch) put(false);
  }
  void on_epoch_end(std::int64_t epoch, Logs&) override {
    if (!swap_on_epoch) return;
    put(true);
    // At its end fit sets the weights to the averages, which have changed places with them.
    if (epoch == loop->epochs - 1)
      for (const auto& [weight, average] : averages()) average->value.assign(weight->value);
  }
  void on_test_begin() override { put(true); }
  void on_test_end(const Logs&) override { put(false); }
  void on_predict_begin() override { put(true); }
  void on_predict_end() override { put(false); }
  bool changes_weights() const override { return true; }

 private:
  std::vector<std::pair<VariablePtr, VariablePtr>> averages() const {
    const Model& model = *loop->model;
    auto all = model.compiled && model.compiled->optimizer ? model.compiled->optimizer->averages()
                                                           : decltype(averages()){};
    if (all.empty())
      fail(Code::kState, "SwapEMAWeights: the optimizer of the model '", model.name,
           "' keeps no averages: set its use_ema, and train");
    return all;
  }

  void put(bool averages_in_model) {
    if (averages_in_model == swapped_) return;
    for (const auto& [weight, average] : averages())
      std::swap_ranges(weight->value.data<float>(),
                       weight->value.data<float>() + weight->value.size(),
                       average->value.data<float>());
    swapped_ = averages_in_model;
  }

  bool swapped_ = false;
};

const ClassInfo& SwapEMAWeights::describe() {
  static const ClassInfo info = [] {
    using C = SwapEMAWeights;
    ClassInfo c = class_info<C>(kKind, "SwapEMAWeights", "keras.callbacks",
                                "Evaluates with the moving averages of the weights.");
    c.attributes = {attribute<C>("swap_on_epoch", &C::swap_on_epoch,
                                 "Whether they are also in place at the end of each epoch, for "
                                 "callbacks that come after.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SwapEMAWeights);

}  // namespace
}  // namespace keratin
