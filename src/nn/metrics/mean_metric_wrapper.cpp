#include "nn/losses/loss.h"
#include "nn/metrics/mean.h"

namespace keratin {
namespace {

// The mean of what a function gives: one of the losses' functions, or of those behind the metrics
// that are means. In a configuration the function's own arguments stand beside its name.
class MeanMetricWrapper : public MeanMetric {
 public:
  Json fn;
  Json arguments = Json::object();

  KERATIN_CLASS
  static std::shared_ptr<Object> from_config(const Json& config);

  void configured() override {
    Metric::configured();
    // {"class_name": "function", "config": NAME}, or a name.
    const bool form = fn.is_object() && fn.contains("config") && fn["config"].is_string();
    const Json& called = form ? fn["config"] : fn;
    require(called.is_string(), "MeanMetricWrapper.fn: expected a function's name, got ",
            fn.dump());
    function_name_ = called.get<std::string>();
    if (find_class("losses", function_name_))
      loss_ = std::static_pointer_cast<Loss>(create("losses", function_name_, arguments));
    else
      metric_ = std::dynamic_pointer_cast<MeanMetric>(create("metrics", function_name_, arguments));
    require(loss_ || metric_, "MeanMetricWrapper.fn: '", function_name_,
            "' is not the mean of a function");
  }
  Direction direction() const override { return loss_ ? Direction::kDown : Direction::kNone; }
  Value values(Value y_true, Value y_pred) const override {
    return loss_ ? loss_->call(y_true, y_pred) : metric_->values(y_true, y_pred);
  }
  Value mask(Value y_true, Value y_pred) const override {
    return loss_ ? loss_->mask(y_true, y_pred) : metric_->mask(y_true, y_pred);
  }

 private:
  std::string function_name_;
  LossPtr loss_;
  std::shared_ptr<MeanMetric> metric_;
};

std::shared_ptr<Object> MeanMetricWrapper::from_config(const Json& config) {
  auto metric = std::make_shared<MeanMetricWrapper>();
  Json own = Json::object();
  for (const auto& [key, value] : config.items())
    (describe().find(key) ? own : metric->arguments)[key] = value;
  configure(*metric, own);
  return metric;
}

const ClassInfo& MeanMetricWrapper::describe() {
  using C = MeanMetricWrapper;
  static const ClassInfo info = [] {
    ClassInfo c = metric_info<C>(
        "MeanMetricWrapper", "The mean of what a function of targets and predictions gives.",
        {attribute<C>("fn", &C::fn, "The function's name; its arguments may stand beside it.")
             .required()});
    c.from_config = from_config;
    c.get_config = [](const Object& object) {
      const C& metric = static_cast<const C&>(object);
      Json config = metric.arguments;
      for (const Attribute& a : describe().attributes) config[a.name] = a.get(object);
      return config;
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanMetricWrapper);

}  // namespace
}  // namespace keratin
