// Prefix beam search over what a network for connectionist temporal classification gives.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "ops/ctc.h"

namespace keratin::ops {
namespace {

constexpr double kNever = -HUGE_VAL;

double log_add(double a, double b) {
  const double top = std::max(a, b);
  return top == kNever ? kNever : top + std::log1p(std::exp(-std::abs(a - b)));
}

// A row of labels and the logarithms of the probabilities of having seen it, with the last label or
// with a blank as what came last.
struct Way {
  std::int32_t* labels;
  std::int64_t length;
  double label, blank;
  double total() const { return log_add(label, blank); }
  std::int32_t last() const { return length > 0 ? labels[length - 1] : -1; }
};

// A way that goes on: as it is (next < 0), or with another label.
struct Step {
  std::int32_t way, next;
  double label, blank, total;
};

// Of one sequence at a time, on memory that is given.
class Search {
 public:
  Search(std::int64_t width, std::int64_t time, std::int64_t classes, std::int64_t none,
         std::byte* memory)
      : width_(width), time_(time), classes_(classes), none_(std::int32_t(none)) {
    const auto take = [&]<class T>(T*& array, std::int64_t count) {
      array = reinterpret_cast<T*>(memory);
      memory += std::size_t(count) * sizeof(T);
    };
    take(steps_, width * (classes + 1));
    take(ways_, width);
    take(next_ways_, width);
    take(log_p_, classes);
    take(labels_, 2 * width * time);
    take(same_, width * classes);
  }
  static std::size_t bytes(std::int64_t width, std::int64_t time, std::int64_t classes) {
    const std::int64_t size = width * (classes + 1) * std::int64_t(sizeof(Step)) +
                              2 * width * std::int64_t(sizeof(Way)) + 8 * classes +
                              4 * (2 * width * time + width * classes);
    return std::size_t((size + 63) / 64 * 64);
  }

  template <class T>
  void run(const T* logits, std::int64_t times) {
    read(logits);
    for (std::int64_t i = 0; i < width_; ++i) {
      ways_[i].labels = labels_ + i * time_;
      next_ways_[i].labels = labels_ + (width_ + i) * time_;
    }
    ways_[0] = {labels_, 0, kNever, 0};
    count_ = 1;
    advance();
    for (std::int64_t t = 1; t < std::min(times, time_); ++t) {
      read(logits + t * classes_);
      advance();
    }
  }
  std::int64_t count() const { return count_; }
  const Way& way(std::int64_t i) const { return ways_[i]; }  // the likeliest first

 private:
  template <class T>
  void read(const T* x) {
    double top = x[0], sum = 0;
    for (std::int64_t k = 1; k < classes_; ++k) top = std::max(top, double(x[k]));
    for (std::int64_t k = 0; k < classes_; ++k) sum += std::exp(x[k] - top);
    for (std::int64_t k = 0; k < classes_; ++k) log_p_[k] = x[k] - top - std::log(sum);
  }

  // Which way has the labels of another and one more.
  void find_same() {
    std::fill_n(same_, count_ * classes_, -1);
    for (std::int64_t i = 0; i < count_; ++i)
      for (std::int64_t k = 0; k < count_; ++k) {
        const Way &shorter = ways_[i], &longer = ways_[k];
        if (longer.length == shorter.length + 1 &&
            std::equal(shorter.labels, shorter.labels + shorter.length, longer.labels))
          same_[i * classes_ + longer.last()] = std::int32_t(k);
      }
  }

  void advance() {
    find_same();
    std::int64_t steps = count_;
    for (std::int64_t i = 0; i < count_; ++i) {
      const Way& w = ways_[i];
      steps_[i] = {std::int32_t(i), -1, w.length > 0 ? w.label + log_p_[w.last()] : kNever,
                   w.total() + log_p_[none_], 0};
    }
    for (std::int64_t i = 0; i < count_; ++i)
      for (std::int32_t c = 0; c < classes_; ++c) {
        const Way& w = ways_[i];
        if (c == none_) continue;
        // The same label twice needs a blank between.
        const double p = (c == w.last() ? w.blank : w.total()) + log_p_[c];
        if (p == kNever) continue;
        if (const std::int32_t same = same_[i * classes_ + c]; same >= 0)
          steps_[same].label = log_add(steps_[same].label, p);
        else
          steps_[steps++] = {std::int32_t(i), c, p, kNever, 0};
      }
    for (std::int64_t i = 0; i < steps; ++i)
      steps_[i].total = log_add(steps_[i].label, steps_[i].blank);
    const std::int64_t kept = std::min(steps, width_);
    std::partial_sort(steps_, steps_ + kept, steps_ + steps,
                      [this](const Step& a, const Step& b) { return is_before(a, b); });
    for (std::int64_t i = 0; i < kept; ++i) {
      const Step& step = steps_[i];
      const Way& from = ways_[step.way];
      Way& to = next_ways_[i];
      std::copy_n(from.labels, from.length, to.labels);
      to.length = from.length + (step.next >= 0);
      if (step.next >= 0) to.labels[from.length] = step.next;
      to.label = step.label, to.blank = step.blank;
    }
    std::swap(ways_, next_ways_);
    count_ = kept;
  }

  // The likelier one; of equal ones that of the lower labels, then the longer one, as in Keras.
  bool is_before(const Step& a, const Step& b) const {
    if (a.total != b.total) return a.total > b.total;
    for (std::int64_t i = 0;; ++i) {
      const std::int32_t p = label_of(a, i), q = label_of(b, i);
      if (p != q) return q < 0 || (p >= 0 && p < q);
      if (p < 0) return false;
    }
  }
  std::int32_t label_of(const Step& step, std::int64_t i) const {
    const Way& w = ways_[step.way];
    return i < w.length ? w.labels[i] : i == w.length ? step.next : -1;
  }

  std::int64_t width_, time_, classes_, count_ = 0;
  std::int32_t none_;
  Step* steps_ = nullptr;
  Way *ways_ = nullptr, *next_ways_ = nullptr;
  double* log_p_ = nullptr;
  std::int32_t *labels_ = nullptr, *same_ = nullptr;
};

class BeamSearchOp : public Op {
 public:
  BeamSearchOp(std::int64_t width, std::int64_t paths, std::int64_t blank)
      : width_(width), paths_(paths), blank_(blank) {}
  std::string_view name() const override { return "ctc_beam_search"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape& x = in[0].shape;
    require(is_floating(in[0].dtype) && x.size() == 3 && x[1] > 0 && x[2] > 0 &&
                in[1].dtype == DType::kInt32 && compatible(in[1].shape, {x[0]}),
            "ctc_beam_search: expected floating (batch, time, classes) and int32 lengths (batch,), "
            "got ",
            keratin::name_of(in[0].dtype), " ", to_string(x), " and ",
            keratin::name_of(in[1].dtype), " ", to_string(in[1].shape));
    require(blank_ >= 0 && blank_ < x[2], "ctc_beam_search: expected the blank among ", x[2],
            " classes, got ", blank_);
    require(width_ >= 1 && paths_ >= 1 && paths_ <= width_,
            "ctc_beam_search: expected a width of 1 or more and paths up to it, got ", width_,
            " and ", paths_);
    return {{DType::kInt32, {paths_, x[0], x[1]}}, {in[0].dtype, {x[0], paths_}}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in[0].shape)
                                          : bind_as<float>(in[0].shape);
  }

 private:
  template <class T>
  Kernel bind_as(const Shape& x) const {
    const std::int64_t batch = x[0], time = x[1], classes = x[2], width = width_, paths = paths_;
    const std::int64_t pieces = std::clamp<std::int64_t>(batch, 1, 8), blank = blank_;
    const std::size_t each = Search::bytes(width, time, classes);
    return {[=](const Buffers& b) {
              parallel_for(pieces, [&](std::int64_t piece) {
                Search search(width, time, classes, blank,
                              static_cast<std::byte*>(b.scratch) + std::size_t(piece) * each);
                for (std::int64_t i = batch * piece / pieces; i < batch * (piece + 1) / pieces;
                     ++i) {
                  search.run(b.input<T>(0) + i * time * classes, b.input<std::int32_t>(1)[i]);
                  for (std::int64_t k = 0; k < paths; ++k) {
                    std::int32_t* labels = b.output<std::int32_t>(0) + (k * batch + i) * time;
                    std::fill_n(labels, time, -1);
                    b.output<T>(1)[i * paths + k] = T(kNever);
                    if (k >= search.count()) continue;
                    const Way& way = search.way(k);
                    std::copy_n(way.labels, way.length, labels);
                    b.output<T>(1)[i * paths + k] = T(way.total());
                  }
                }
              });
            },
            std::size_t(pieces) * each};
  }

  std::int64_t width_, paths_, blank_;
};

}  // namespace

std::pair<Value, Value> ctc_beam_search(Value logits, Value times, std::int64_t width,
                                        std::int64_t paths, std::int64_t blank) {
  const auto results =
      logits.graph().apply(std::make_shared<BeamSearchOp>(width, paths, blank), {logits, times});
  return {results[0], results[1]};
}

}  // namespace keratin::ops
