#include <algorithm>
#include <cmath>

#include "nn/losses/functions.h"
#include "nn/metrics/confusion.h"
#include "nn/metrics/metric.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

float divide_or_zero(float a, float b) { return b == 0 ? 0 : a / b; }

// The area under a curve of two rates, approximated from their values at thresholds. PR with
// interpolation: Davis & Goadrich 2006; PRGAIN: Flach & Kull 2015.
class AUC : public Metric {
 public:
  std::int64_t num_thresholds = 200;
  std::string curve = "ROC", summation_method = "interpolation";
  std::optional<std::vector<double>> thresholds;
  bool multi_label = false;
  std::optional<std::int64_t> num_labels;
  std::optional<std::vector<double>> label_weights;
  bool from_logits = false;

  KERATIN_CLASS
  void configured() override;
  void build(const Spec& y_true, const Spec& y_pred) override;
  void update(Value y_true, Value y_pred, Value sample_weight) override;
  std::vector<double> result() const override;
  Direction direction() const override { return Direction::kUp; }

 private:
  // Counts of one label at all thresholds, and what one step between two of them adds to the area.
  struct Counts {
    const float *tp, *fp, *tn, *fn;
    std::size_t stride;
  };
  float interpolated_pr(const Counts& counts, std::size_t i) const;
  float trapezoid(const Counts& counts, std::size_t i) const;
  std::pair<float, float> point(const Counts& counts, std::size_t i) const;

  ConfusionOptions options_;
  VariablePtr true_positives_, false_positives_, true_negatives_, false_negatives_;
};

void AUC::configured() {
  Metric::configured();
  for (char& c : curve) c = char(std::toupper(static_cast<unsigned char>(c)));
  for (char& c : summation_method) c = char(std::tolower(static_cast<unsigned char>(c)));
  require(multi_label || !num_labels.value_or(0),
          "AUC: num_labels is for multi_label only, and that is false");
  std::vector<double> inner;
  if (thresholds) {
    std::sort(thresholds->begin(), thresholds->end());
    inner = *thresholds;
    num_thresholds = std::int64_t(inner.size()) + 2;
  } else {
    for (std::int64_t i = 1; i < num_thresholds - 1; ++i)
      inner.push_back(double(i) / double(num_thresholds - 1));
  }
  // Even spacing is judged before the ends are widened for the sake of rounding.
  std::vector<double>& all = options_.thresholds = inner;
  all.insert(all.begin(), 0.0);
  all.push_back(1.0);
  options_.evenly_spaced = !thresholds || are_evenly_spaced(all);
  options_.ends_widened = true;
  all.front() -= kEpsilon;
  all.back() += kEpsilon;
  options_.multi_label = multi_label;
  // With multi_label they weigh the areas, not the samples.
  if (label_weights && !multi_label) options_.label_weights = *label_weights;
}

void AUC::build(const Spec& /*y_true*/, const Spec& y_pred) {
  Shape shape = {num_thresholds};
  if (multi_label) {
    require(y_pred.shape.size() == 2, "AUC with multi_label needs predictions of rank 2, got ",
            to_string(y_pred.shape));
    const std::int64_t labels = y_pred.shape[1];
    require(!num_labels || *num_labels == labels, "AUC: num_labels is ", num_labels.value_or(0),
            ", the predictions have shape ", to_string(y_pred.shape));
    require(!label_weights || std::int64_t(label_weights->size()) == labels,
            "AUC: label_weights has ", label_weights ? label_weights->size() : 0,
            " entries, the predictions have shape ", to_string(y_pred.shape));
    shape.push_back(labels);
  }
  true_positives_ = add_variable("true_positives", shape);
  false_positives_ = add_variable("false_positives", shape);
  true_negatives_ = add_variable("true_negatives", shape);
  false_negatives_ = add_variable("false_negatives", shape);
}

void AUC::update(Value y_true, Value y_pred, Value sample_weight) {
  if (from_logits) y_pred = ops::sigmoid(y_pred);
  const ConfusionCounts counts = count_confusion(y_true, y_pred, sample_weight, options_);
  accumulate(true_positives_, counts.true_positives);
  accumulate(false_positives_, counts.false_positives);
  accumulate(true_negatives_, counts.true_negatives);
  accumulate(false_negatives_, counts.false_negatives);
}

float AUC::interpolated_pr(const Counts& c, std::size_t i) const {
  const std::size_t a = i * c.stride, b = a + c.stride;
  const float d_tp = c.tp[a] - c.tp[b];
  const float p = c.tp[a] + c.fp[a], p_next = c.tp[b] + c.fp[b];
  const float slope = divide_or_zero(d_tp, std::max(p - p_next, 0.0f));
  const float intercept = c.tp[b] - slope * p_next;
  const float ratio = p > 0 && p_next > 0 ? p / p_next : 1;
  return divide_or_zero(slope * (d_tp + intercept * std::log(ratio)),
                        std::max(c.tp[b] + c.fn[b], 0.0f));
}

// (x, y) of the curve at a threshold.
std::pair<float, float> AUC::point(const Counts& c, std::size_t i) const {
  const std::size_t at = i * c.stride;
  const float tp = c.tp[at], fp = c.fp[at], tn = c.tn[at], fn = c.fn[at];
  if (curve == "PRGAIN") {
    if (tp == 0) return {0, 1};
    const float scale = divide_or_zero(tp + fn, tn + fp);
    return {std::max(1 - scale * (fn / tp), 0.0f), 1 - scale * (fp / tp)};
  }
  const float recall = divide_or_zero(tp, tp + fn);
  if (curve == "ROC") return {divide_or_zero(fp, fp + tn), recall};
  return {recall, divide_or_zero(tp, tp + fp)};
}

float AUC::trapezoid(const Counts& c, std::size_t i) const {
  const auto [x, y] = point(c, i);
  const auto [x_next, y_next] = point(c, i + 1);
  const float height = summation_method == "interpolation" ? (y + y_next) / 2
                       : summation_method == "minoring"    ? std::min(y, y_next)
                                                           : std::max(y, y_next);
  return (x - x_next) * height;
}

std::vector<double> AUC::result() const {
  if (!true_positives_) return {0.0};
  const bool interpolated = curve == "PR" && summation_method == "interpolation";
  const std::size_t labels = multi_label ? std::size_t(true_positives_->value.shape()[1]) : 1;
  double sum = 0, weights = 0;
  for (std::size_t label = 0; label < labels; ++label) {
    const Counts counts = {true_positives_->value.data<float>() + label,
                           false_positives_->value.data<float>() + label,
                           true_negatives_->value.data<float>() + label,
                           false_negatives_->value.data<float>() + label, labels};
    double area = 0;
    for (std::size_t i = 0; i + 1 < std::size_t(num_thresholds); ++i)
      area += interpolated ? interpolated_pr(counts, i) : trapezoid(counts, i);
    const double weight = multi_label && label_weights ? (*label_weights)[label] : 1;
    sum += weight * area;
    weights += weight;
  }
  return {float(weights == 0 ? 0 : sum / weights)};
}

const ClassInfo& AUC::describe() {
  static const ClassInfo info = [] {
    using C = AUC;
    ClassInfo c = class_info<C>("metrics", "AUC", "keras.metrics",
                                "The area under the ROC or precision-recall curve, from counts at "
                                "thresholds.");
    std::vector<Attribute> base = base_attributes<C>();
    Attribute weights = attribute<C>("label_weights", &C::label_weights,
                                     "Of the labels, or with multi_label of their areas.");
    weights.set = [](Object& object, const Json& json) {
      // Keras writes an array: {"class_name": "__tensor__", "config": {"value": [...], ...}}.
      const bool array = json.is_object() && json.contains("config") &&
                         json["config"].is_object() && json["config"].contains("value");
      static_cast<C&>(object).label_weights = JsonTraits<std::optional<std::vector<double>>>::read(
          array ? json["config"]["value"] : json);
    };
    c.attributes = {
        attribute<C>("num_thresholds", &C::num_thresholds,
                     "How many thresholds, evenly spaced from 0 to 1.")
            .at_least(2),
        attribute<C>("curve", &C::curve, "Which curve.")
            .one_of({"ROC", "PR", "PRGAIN", "roc", "pr", "prgain"}),
        attribute<C>("summation_method", &C::summation_method,
                     "Heights between two points: interpolated, the lower or the higher.")
            .one_of(
                {"interpolation", "minoring", "majoring", "Interpolation", "Minoring", "Majoring"}),
        base[0],
        base[1],
        attribute<C>("thresholds", &C::thresholds, "Thresholds to use besides 0 and 1.")
            .omitted_if_default(),
        attribute<C>("multi_label", &C::multi_label, "Whether areas are averaged over labels."),
        attribute<C>("num_labels", &C::num_labels, "How many labels there are, if multi_label."),
        std::move(weights),
        attribute<C>("from_logits", &C::from_logits,
                     "Whether predictions are logits rather than probabilities."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AUC);

}  // namespace
}  // namespace keratin
