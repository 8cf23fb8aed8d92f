// What part of the positive predictions is right, and what part of the positive targets is found.
#include "nn/metrics/confusion.h"
#include "nn/metrics/metric.h"

namespace keratin {
namespace {

class PositiveRate : public Metric {
 public:
  Json thresholds;  // a number, a list, or null: 0.5 (with top_k: none)
  std::optional<std::int64_t> top_k, class_id;

  void configured() override {
    Metric::configured();
    options_.thresholds = parse_thresholds(thresholds, top_k ? -1e10 : 0.5);
    options_.evenly_spaced = are_evenly_spaced(options_.thresholds);
    options_.top_k = top_k;
    options_.class_id = class_id;
  }
  void build(const Spec& /*y_true*/, const Spec& /*y_pred*/) override {
    const Shape shape = {std::int64_t(options_.thresholds.size())};
    true_positives_ = add_variable("true_positives", shape);
    wrong_ = add_variable(wrong_name(), shape);
  }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    const ConfusionCounts counts = count_confusion(y_true, y_pred, sample_weight, options_);
    accumulate(true_positives_, counts.true_positives);
    accumulate(wrong_, wrong_of(counts));
  }
  std::vector<double> result() const override {
    std::vector<double> rates;
    for (std::size_t i = 0; i < options_.thresholds.size(); ++i) {
      const float right = true_positives_ ? true_positives_->value.data<float>()[i] : 0;
      const float all = right + (wrong_ ? wrong_->value.data<float>()[i] : 0);
      rates.push_back(all == 0 ? 0.0f : right / all);
    }
    return rates;
  }
  Direction direction() const override { return Direction::kUp; }

 protected:
  // What stands with the true positives in the denominator.
  virtual const char* wrong_name() const = 0;
  virtual Value wrong_of(const ConfusionCounts& counts) const = 0;

  template <class C>
  static ClassInfo describe_as(std::string class_name, std::string doc) {
    ClassInfo c = class_info<C>("metrics", std::move(class_name), "keras.metrics", std::move(doc));
    Attribute thresholds = attribute<C>(
        "thresholds", &C::thresholds,
        "Predictions above are positive: one, or several for as many results; null: 0.5.");
    thresholds.type = "list of float?";
    c.attributes = {
        std::move(thresholds),
        attribute<C>("top_k", &C::top_k,
                     "Only the k largest predictions of a sample may be "
                     "positive.")
            .at_least(1),
        attribute<C>("class_id", &C::class_id, "Only this class counts."),
    };
    for (Attribute& a : base_attributes<C>()) c.attributes.push_back(std::move(a));
    return c;
  }

 private:
  ConfusionOptions options_;
  VariablePtr true_positives_, wrong_;
};

class Precision : public PositiveRate {
 public:
  KERATIN_CLASS

 protected:
  const char* wrong_name() const override { return "false_positives"; }
  Value wrong_of(const ConfusionCounts& counts) const override { return counts.false_positives; }
};

const ClassInfo& Precision::describe() {
  static const ClassInfo info =
      describe_as<Precision>("Precision", "What part of the positive predictions is right.");
  return info;
}
KERATIN_REGISTER(Precision);

class Recall : public PositiveRate {
 public:
  KERATIN_CLASS

 protected:
  const char* wrong_name() const override { return "false_negatives"; }
  Value wrong_of(const ConfusionCounts& counts) const override { return counts.false_negatives; }
};

const ClassInfo& Recall::describe() {
  static const ClassInfo info =
      describe_as<Recall>("Recall", "What part of the positive targets is predicted.");
  return info;
}
KERATIN_REGISTER(Recall);

}  // namespace
}  // namespace keratin
