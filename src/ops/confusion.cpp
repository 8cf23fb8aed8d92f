#include "ops/confusion.h"

#include <algorithm>

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

// Each example is put into the bucket between two thresholds; sums over the buckets from above are
// the counts. Scratch: for each label, sums of positive and negative weights in thresholds + 1
// buckets.
class ConfusionOp : public Op {
 public:
  ConfusionOp(std::vector<float> thresholds, bool multi_label)
      : thresholds_(std::move(thresholds)), multi_label_(multi_label) {}

  std::string_view name() const override { return "confusion_counts"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    for (const Spec& spec : in)
      require(spec.dtype == DType::kFloat32 && spec.shape.size() == 2 &&
                  compatible(spec.shape, in[0].shape),
              "confusion_counts: expected three tensors of float32 and one shape (n, labels), got ",
              keratin::name_of(spec.dtype), " ", to_string(spec.shape), " beside ",
              to_string(in[0].shape));
    const auto count = static_cast<std::int64_t>(thresholds_.size());
    return {{DType::kFloat32, {4, count, multi_label_ ? in[0].shape[1] : 1}}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const std::int64_t n = in[0].shape[0], labels = in[0].shape[1], columns = out[0].shape[2];
    const std::size_t scratch =
        (thresholds_.size() + 1) * 2 * static_cast<std::size_t>(columns) * sizeof(double);
    return {[=, thresholds = thresholds_](const Buffers& b) {
              auto* sums = static_cast<double*>(b.scratch);
              std::fill_n(sums, scratch / sizeof(double), 0.0);
              const float *truth = b.input<float>(0), *prediction = b.input<float>(1),
                          *weight = b.input<float>(2);
              for (std::int64_t i = 0; i < n * labels; ++i) {
                // The thresholds that lie below the prediction; none if it is not a number.
                const auto bucket =
                    std::lower_bound(thresholds.begin(), thresholds.end(), prediction[i]) -
                    thresholds.begin();
                const std::int64_t place = prediction[i] != prediction[i] ? 0 : bucket;
                const std::int64_t column = columns == 1 ? 0 : i % labels;
                const bool positive = truth[i] != 0.0f;
                sums[(place * columns + column) * 2 + (positive ? 0 : 1)] +=
                    static_cast<double>(weight[i]);
              }
              write(sums, static_cast<std::int64_t>(thresholds.size()), columns,
                    b.output<float>(0));
            },
            scratch};
  }

 private:
  // out[kind][threshold][column]: what lies above a threshold is predicted positive.
  static void write(const double* sums, std::int64_t count, std::int64_t columns, float* out) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const auto at = [&](std::int64_t bucket, int truth) {
        return sums[(bucket * columns + column) * 2 + truth];
      };
      const auto put = [&](int kind, std::int64_t t, double sum) {
        out[(kind * count + t) * columns + column] = static_cast<float>(sum);
      };
      double true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;
      for (std::int64_t t = count; t-- > 0;) {
        put(0, t, true_positives += at(t + 1, 0));
        put(1, t, false_positives += at(t + 1, 1));
      }
      for (std::int64_t t = 0; t < count; ++t) {
        put(2, t, true_negatives += at(t, 1));
        put(3, t, false_negatives += at(t, 0));
      }
    }
  }

  std::vector<float> thresholds_;
  bool multi_label_;
};

}  // namespace

Value confusion_counts(Value y_true, Value y_pred, Value weights, std::vector<float> thresholds,
                       bool multi_label) {
  require(std::is_sorted(thresholds.begin(), thresholds.end()),
          "confusion_counts: the thresholds must ascend");
  auto op = std::make_shared<ConfusionOp>(std::move(thresholds), multi_label);
  return y_true.graph().apply(std::move(op), {y_true, y_pred, weights})[0];
}

}  // namespace keratin::ops
