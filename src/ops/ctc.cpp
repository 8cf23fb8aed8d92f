#include "ops/ctc.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

constexpr double kImpossible = -1e5;  // the logarithm of a probability of nothing, as Keras has it

double log_add(double a, double b) {
  const double top = std::max(a, b);
  return top + std::log1p(std::exp(-std::abs(a - b)));
}

// One sequence. For each time, `blank[n]` is the log-probability of having seen n labels and then
// a blank (or nothing), `label[n]` of having the n-th label last.
class Lattice {
 public:
  Lattice(std::int64_t labels, std::int64_t time, std::int64_t classes, std::int64_t none,
          double* memory)
      : n_(labels), time_(time), classes_(classes), none_(none), log_p_(memory) {
    blank_ = log_p_ + time * classes;
    label_ = blank_ + (time + 1) * (n_ + 1);
    d_blank_ = label_ + (time + 1) * (n_ + 1);
    d_label_ = d_blank_ + n_ + 1;
    d_open_ = d_label_ + n_ + 1;
  }
  static std::int64_t doubles(std::int64_t labels, std::int64_t time, std::int64_t classes) {
    return time * classes + (2 * (time + 1) + 3) * (labels + 1);
  }

  // Of the first `length` labels in the first `steps` times.
  template <class T>
  double forward(const std::int32_t* labels, std::int64_t length, const T* logits,
                 std::int64_t steps) {
    labels_ = labels;
    length_ = std::clamp<std::int64_t>(length, 0, n_);
    steps_ = std::clamp<std::int64_t>(steps, 0, time_);
    for (std::int64_t t = 0; t < steps_; ++t) log_softmax(logits + t * classes_, at(t, 0));
    std::fill_n(blank_, n_ + 1, kImpossible);
    std::fill_n(label_, n_ + 1, kImpossible);
    blank_[0] = 0;
    for (std::int64_t t = 0; t < steps_; ++t) {
      const double *b = blank(t), *l = label(t), none = *at(t, none_);
      double *b_next = blank(t + 1), *l_next = label(t + 1);
      for (std::int64_t n = 0; n <= n_; ++n) {
        b_next[n] = open(b, l, n) + none;
        if (n == 0) continue;
        b_next[n] = log_add(b_next[n], l[n] + none + kImpossible * (1 - repeats(n)));
        const double emitted = log_p_of(t, n);
        l_next[n] = log_add(open(b, l, n - 1) + emitted, l[n] + emitted);
      }
    }
    return -last();
  }

  // d(loss)/d(logits), by going the same way back; forward() came before.
  template <class T>
  void backward(double scale, T* d_logits) {
    std::fill_n(d_blank_, n_ + 1, 0.0);
    std::fill_n(d_label_, n_ + 1, 0.0);
    const std::int64_t n = length_;
    d_blank_[n] = -scale;
    if (n > 0) {
      d_blank_[n] *= std::exp(blank(steps_)[n] - last());
      d_label_[n] = -scale * std::exp(label(steps_)[n] - last());
    }
    std::fill_n(d_logits + steps_ * classes_, (time_ - steps_) * classes_, T(0));
    for (std::int64_t t = steps_; t-- > 0;) step_back(t, d_logits + t * classes_);
  }

 private:
  double* at(std::int64_t t, std::int64_t k) { return log_p_ + t * classes_ + k; }
  double* blank(std::int64_t t) { return blank_ + t * (n_ + 1); }
  double* label(std::int64_t t) { return label_ + t * (n_ + 1); }
  bool known(std::int64_t n) const { return labels_[n - 1] >= 0 && labels_[n - 1] < classes_; }
  // Of the n-th label, from 1; a class that is none has 0, as a row of no ones gives.
  double log_p_of(std::int64_t t, std::int64_t n) { return known(n) ? *at(t, labels_[n - 1]) : 0; }
  double repeats(std::int64_t n) const { return n < n_ && labels_[n - 1] == labels_[n] ? 1 : 0; }
  // Ready for the next label: a blank came, or the next label is another one.
  double open(const double* b, const double* l, std::int64_t n) const {
    return n == 0 ? b[0] : log_add(b[n], l[n] + kImpossible * repeats(n));
  }
  double last() {
    const std::int64_t n = length_;
    return n == 0 ? blank(steps_)[0] : log_add(blank(steps_)[n], label(steps_)[n]);
  }

  template <class T>
  void log_softmax(const T* x, double* out) const {
    double top = x[0], sum = 0;
    for (std::int64_t k = 1; k < classes_; ++k) top = std::max(top, double(x[k]));
    for (std::int64_t k = 0; k < classes_; ++k) sum += std::exp(x[k] - top);
    for (std::int64_t k = 0; k < classes_; ++k) out[k] = x[k] - top - std::log(sum);
  }

  // From the gradients by what is after time t to those by what is before it, and by its logits.
  template <class T>
  void step_back(std::int64_t t, T* d_logits) {
    const double *b = blank(t), *l = label(t), *b_next = blank(t + 1), *l_next = label(t + 1);
    const double none = *at(t, none_);
    double d_none = 0, total = 0;
    std::fill_n(d_logits, classes_, T(0));
    std::fill_n(d_open_, n_ + 1, 0.0);
    for (std::int64_t n = 0; n <= n_; ++n) {
      d_none += d_blank_[n];
      if (n == 0) {
        d_open_[0] += d_blank_[0];
        continue;
      }
      d_open_[n] += d_blank_[n] * std::exp(open(b, l, n) + none - b_next[n]);
      const double later = l[n] + none + kImpossible * (1 - repeats(n));
      const double emitted = log_p_of(t, n), d = d_label_[n];
      d_open_[n - 1] += d * std::exp(open(b, l, n - 1) + emitted - l_next[n]);
      d_label_[n] =
          d * std::exp(l[n] + emitted - l_next[n]) + d_blank_[n] * std::exp(later - b_next[n]);
      if (known(n)) d_logits[labels_[n - 1]] += T(d);
      total += known(n) ? d : 0;
    }
    for (std::int64_t n = 0; n <= n_; ++n) {
      d_blank_[n] = d_open_[n];
      if (n == 0) continue;
      const double way = open(b, l, n);
      d_blank_[n] = d_open_[n] * std::exp(b[n] - way);
      d_label_[n] += d_open_[n] * std::exp(l[n] + kImpossible * repeats(n) - way);
    }
    d_logits[none_] += T(d_none);
    total += d_none;
    for (std::int64_t k = 0; k < classes_; ++k) d_logits[k] -= T(std::exp(*at(t, k)) * total);
  }

  std::int64_t n_, time_, classes_, none_, length_ = 0, steps_ = 0;
  const std::int32_t* labels_ = nullptr;
  double *log_p_, *blank_, *label_, *d_blank_, *d_label_, *d_open_;
};

// Inputs: labels, logits, how many labels and times of each sequence count.
class CtcLossOp : public Op {
 public:
  explicit CtcLossOp(std::int64_t blank) : blank_(blank) {}
  std::string_view name() const override { return "ctc_loss"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(in[0].dtype == DType::kInt32 && in[0].shape.size() == 2 && is_floating(in[1].dtype) &&
                in[1].shape.size() == 3 && in[1].shape[2] > 0,
            "ctc_loss: expected int32 labels (batch, labels) and floating logits (batch, time, "
            "classes), got ",
            keratin::name_of(in[0].dtype), " ", to_string(in[0].shape), " and ",
            keratin::name_of(in[1].dtype), " ", to_string(in[1].shape));
    require(compatible({in[0].shape[0]}, {in[1].shape[0]}), "ctc_loss: ", in[0].shape[0],
            " sequences of labels for ", in[1].shape[0], " of logits");
    for (const Spec& lengths : {in[2], in[3]})
      require(lengths.dtype == DType::kInt32 && compatible(lengths.shape, {in[1].shape[0]}),
              "ctc_loss: expected int32 lengths (batch,), got ", keratin::name_of(lengths.dtype),
              " ", to_string(lengths.shape));
    require(blank_ >= 0 && blank_ < in[1].shape[2], "ctc_loss: expected the blank among ",
            in[1].shape[2], " classes, got ", blank_);
    return {{in[1].dtype, {in[1].shape[0]}}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override;

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const auto kernel = [&](auto type) {
      using T = decltype(type);
      return over_sequences<T>(in, [](const Buffers& b, std::int64_t i, Lattice&, double loss) {
        b.output<T>(0)[i] = T(loss);
      });
    };
    return in[1].dtype == DType::kFloat64 ? kernel(double{}) : kernel(float{});
  }

 protected:
  // Calls fn(buffers, sequence, lattice, loss) for each; the pieces depend on the shape alone.
  template <class T, class Fn>
  Kernel over_sequences(std::span<const Spec> in, const Fn& fn) const {
    const std::int64_t batch = in[1].shape[0], time = in[1].shape[1], classes = in[1].shape[2];
    const std::int64_t n = in[0].shape[1], each = Lattice::doubles(n, time, classes);
    const std::int64_t pieces = std::clamp<std::int64_t>(batch, 1, 8), blank = blank_;
    return {
        [=](const Buffers& b) {
          parallel_for(pieces, [&](std::int64_t piece) {
            Lattice lattice(n, time, classes, blank,
                            static_cast<double*>(b.scratch) + piece * each);
            for (std::int64_t i = batch * piece / pieces; i < batch * (piece + 1) / pieces; ++i)
              fn(b, i, lattice,
                 lattice.forward(b.input<std::int32_t>(0) + i * n, b.input<std::int32_t>(2)[i],
                                 b.input<T>(1) + i * time * classes, b.input<std::int32_t>(3)[i]));
          });
        },
        std::size_t(pieces * each) * sizeof(double)};
  }

  std::int64_t blank_;
};

// With a fifth input, the gradient by the losses [batch]: the gradient by the logits.
class CtcGradientOp : public CtcLossOp {
 public:
  using CtcLossOp::CtcLossOp;
  std::string_view name() const override { return "ctc_gradient"; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    CtcLossOp::infer(in);
    return {in[1]};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const std::int64_t size = in[1].shape[1] * in[1].shape[2];
    const auto kernel = [&](auto type) {
      using T = decltype(type);
      return over_sequences<T>(in, [=](const Buffers& b, std::int64_t i, Lattice& lattice, double) {
        lattice.backward(double(b.input<T>(4)[i]), b.output<T>(0) + i * size);
      });
    };
    return in[1].dtype == DType::kFloat64 ? kernel(double{}) : kernel(float{});
  }
};

std::vector<Value> CtcLossOp::gradient(const Node& node, std::span<const Value> d_out) const {
  std::vector<Value> inputs = node.inputs;
  inputs.push_back(d_out[0]);
  return {Value{}, node.graph->apply(std::make_shared<CtcGradientOp>(blank_), std::move(inputs))[0],
          Value{}, Value{}};
}

}  // namespace

Value ctc_loss(Value labels, Value logits, Value label_counts, Value times, std::int64_t blank) {
  return logits.graph().apply(std::make_shared<CtcLossOp>(blank),
                              {labels, logits, label_counts, times})[0];
}

Value ctc_loss(Value labels, Value logits) {
  require(labels.rank() == 2 && logits.rank() == 3,
          "ctc_loss: expected labels (batch, labels) and "
          "logits (batch, time, classes), got shapes ",
          to_string(labels.shape()), " and ", to_string(logits.shape()));
  const Value counts = sum(not_equal(labels, zeros_like(labels)), {1});
  const Value times = zeros_like(counts) + double(known_extent(logits, 1));
  return ctc_loss(labels, logits, cast(counts, DType::kInt32), cast(times, DType::kInt32), 0);
}

}  // namespace keratin::ops
