#include <algorithm>
#include <cmath>
#include <numeric>

#include "nn/layers/encode_categories.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// A sorted sample of data: values, and how many elements each stands for.
struct Summary {
  std::vector<float> values, weights;
};

// About 1 / epsilon of the values, evenly chosen by rank.
Summary summarize(const Tensor& data, double epsilon) {
  const Tensor floats = data.as(DType::kFloat32);
  std::vector<float> sorted(floats.span<float>().begin(), floats.span<float>().end());
  std::sort(sorted.begin(), sorted.end());
  const double step = std::max(double(sorted.size()) * epsilon, 1.0);
  Summary summary;
  for (auto i = std::size_t(step - 1); i < sorted.size(); i += std::size_t(step)) {
    summary.values.push_back(sorted[i]);
    summary.weights.push_back(float(step));
  }
  return summary;
}

// NumPy's interp: the polyline through (x, y) at `at`, level outside.
double interpolate(double at, const std::vector<double>& x, const std::vector<double>& y) {
  if (at <= x.front()) return y.front();
  if (at >= x.back()) return y.back();
  const auto i = std::size_t(std::upper_bound(x.begin(), x.end(), at) - x.begin());
  return y[i - 1] + (at - x[i - 1]) * (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
}

// Running sums in single precision, as Keras has them, and their shares of the whole.
std::pair<std::vector<double>, std::vector<double>> cumulate(const std::vector<float>& weights) {
  std::vector<float> sums(weights.size());
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  std::vector<double> shares;
  for (const float sum : sums) shares.push_back(double(sum / sums.back()));
  return {{sums.begin(), sums.end()}, shares};
}

// The values at about 1 / epsilon even percentages.
std::vector<float> compress(const Summary& summary, double epsilon) {
  if (double(summary.values.size()) * epsilon < 1) return summary.values;
  const std::vector<double> percent = cumulate(summary.weights).second;
  const std::vector<double> values(summary.values.begin(), summary.values.end());
  std::vector<float> chosen;
  const auto count = std::int64_t(std::ceil(1.0 / epsilon));
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(float(interpolate(epsilon + double(i) * epsilon, percent, values)));
  return chosen;
}

// The bin in which each element lies, bins being given or learned by adapt().
class Discretization : public Layer {
 public:
  std::optional<std::vector<double>> bin_boundaries;
  std::optional<std::int64_t> num_bins;
  double epsilon = 0.01;
  std::string output_mode = "int";
  bool sparse = false;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    require(bin_boundaries || num_bins, "layer '", name,
            "' (Discretization): give bin_boundaries or num_bins");
    if (sparse)
      fail(Code::kUnsupported, "layer '", name,
           "' (Discretization): sparse outputs are not supported");
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (!bin_boundaries)
      fail(Code::kState, "there are no bin_boundaries; give them, or adapt the layer to data");
    const Value x = ops::cast(inputs[0], compute_dtype());
    const auto count = std::int64_t(bin_boundaries->size());
    Value bin = ops::zeros_like(x);
    if (count > 0) {
      const Tensor bounds = Tensor::of({count}, *bin_boundaries).as(x.dtype());
      bin = ops::sum(
          ops::greater_equal(ops::expand_dims(x, int(x.rank())), context.graph.constant(bounds)),
          {-1});
    }
    return {encode_categories(ops::cast(bin, DType::kInt32), output_mode, count + 1,
                              output_mode == "int" ? DType::kInt32 : compute_dtype())};
  }

  void adapt(const Tensor& data) override {
    if (!num_bins)
      fail(Code::kState, "layer '", name, "' (Discretization): bin_boundaries are given");
    require(data.size() > 0, "layer '", name, "' (Discretization): no data to adapt to");
    Summary summary = summarize(data, epsilon);
    // As Keras does: the sample is thinned once, then cut into bins.
    if (double(summary.values.size()) * epsilon >= 1) summary = thinned(summary);
    std::vector<float> bounds = compress(summary, 1.0 / double(*num_bins));
    if (!bounds.empty()) bounds.pop_back();
    bin_boundaries.emplace(bounds.begin(), bounds.end());
  }

 private:
  Summary thinned(const Summary& summary) const {
    Summary thin;
    thin.values = compress(summary, epsilon);
    const auto [cumulated, percent] = cumulate(summary.weights);
    double before = 0;
    for (std::size_t i = 0; i < thin.values.size(); ++i) {
      const double upto = interpolate(epsilon + double(i) * epsilon, percent, cumulated);
      thin.weights.push_back(float(upto - before));
      before = upto;
    }
    return thin;
  }
};

const ClassInfo& Discretization::describe() {
  static const ClassInfo info = [] {
    using C = Discretization;
    ClassInfo c = class_info<C>("layers", "Discretization", "keras.layers",
                                "The bin in which each element lies.");
    // Keras' class takes neither `trainable` nor a policy but by name.
    Attribute dtype = attribute<C>("dtype", &C::dtype, "Computation and variable dtype policy.");
    dtype.get = [](const Object& object) {
      return Json(policy_name(static_cast<const Layer&>(object).dtype));
    };
    c.attributes = {
        attribute<C>("bin_boundaries", &C::bin_boundaries,
                     "Where bins meet, ascending; null: to be learned."),
        attribute<C>("num_bins", &C::num_bins, "How many bins are learned.").at_least(0),
        attribute<C>("epsilon", &C::epsilon, "Precision of what is learned.").above(0),
        attribute<C>("output_mode", &C::output_mode, "The form of the bins.")
            .one_of({"int", "one_hot", "multi_hot", "count"}),
        attribute<C>("sparse", &C::sparse, "Only false."),
        name_attribute<C>(),
        std::move(dtype)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Discretization);

}  // namespace
}  // namespace keratin
