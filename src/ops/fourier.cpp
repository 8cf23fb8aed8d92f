#include "ops/fourier.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "kernels/fft.h"
#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

using kernels::FftForm;

constexpr std::int64_t kPieceWork = 32 * 1024;  // elements that are worth a thread's while
constexpr std::int64_t kMaxPieces = 8, kRowsTogether = 16;

bool has_row_axis(const Node& node) { return node.inputs[0].rank() > 1; }

// What stands for one of n / 2 + 1 elements: itself and, but for the first and the middle one, its
// conjugate.
Value multiplicity(Value like, std::int64_t n) {
  Tensor weights(DType::kFloat64, {n / 2 + 1});
  for (std::int64_t k = 0; k <= n / 2; ++k)
    weights.data<double>()[k] = k == 0 || 2 * k == n ? 1 : 2;
  return like.graph().constant(weights.as(like.dtype()));
}

// The sums of kernels/fft.h, of n elements; the last axis has as many or n / 2 + 1.
class FourierOp : public Op {
 public:
  FourierOp(FftForm form, std::int64_t n) : form_(form), n_(n) {}
  std::string_view name() const override {
    return form_ == FftForm::kComplex ? "fft" : form_ == FftForm::kFromReal ? "rfft" : "irfft";
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Spec& re = in[0];
    const std::int64_t have = form_ == FftForm::kToReal ? n_ / 2 + 1 : n_;
    require(is_floating(re.dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(re.dtype));
    require(n_ > 0 && re.shape.back() == have, name(), ": expected ", have,
            " elements along the last axis, got shape ", to_string(re.shape));
    if (in.size() > 1)
      require(in[1].dtype == re.dtype && compatible(in[1].shape, re.shape), name(),
              ": expected real and imaginary parts alike, got ", keratin::name_of(re.dtype), " ",
              to_string(re.shape), " and ", keratin::name_of(in[1].dtype), " ",
              to_string(in[1].shape));
    Spec out = re;
    out.shape.back() = form_ == FftForm::kFromReal ? n_ / 2 + 1 : n_;
    return std::vector<Spec>(form_ == FftForm::kToReal ? 1 : 2, out);
  }

  // Each is the transpose of another, but for what counts twice.
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const auto apply = [&](FftForm form, std::vector<Value> inputs) {
      return node.graph->apply(std::make_shared<FourierOp>(form, n_), std::move(inputs));
    };
    if (form_ == FftForm::kToReal) {
      const Value weights = multiplicity(d_out[0], n_);
      const auto d = apply(FftForm::kFromReal, {d_out[0]});
      return {d[0] * weights, d[1] * weights};
    }
    const Value like = d_out[0] ? d_out[0] : d_out[1];
    const Value re = d_out[0] ? d_out[0] : zeros_like(like);
    const Value im = d_out[1] ? d_out[1] : zeros_like(like);
    if (form_ == FftForm::kComplex) {
      const auto d = apply(FftForm::kComplex, {im, re});
      return {d[1], d[0]};
    }
    const Value weights = multiplicity(like, n_);
    return {apply(FftForm::kToReal, {re / weights, im / weights})[0]};
  }

  bool by_row(const Node& node) const override { return has_row_axis(node); }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const Shape& shape = in[0].shape;
    const std::int64_t rows = product(shape, 0, shape.size() - 1);
    const std::int64_t wanted = std::clamp<std::int64_t>(rows * n_ / kPieceWork, 1, kMaxPieces);
    const std::int64_t blocks = (rows + kRowsTogether - 1) / kRowsTogether;
    const std::int64_t each =
        std::max<std::int64_t>(1, (blocks + wanted - 1) / wanted) * kRowsTogether;
    const std::int64_t pieces = std::max<std::int64_t>(1, (rows + each - 1) / each);
    const auto size = std::int64_t(size_of(in[0].dtype));
    const kernels::Fft fft(form_, n_, in[0].dtype == DType::kFloat64);
    const std::size_t scratch = (fft.scratch_bytes(std::min(each, rows)) + 63) / 64 * 64;
    const bool two_in = in.size() > 1, two_out = out.size() > 1;
    const std::int64_t in_row = shape.back() * size, out_row = out[0].shape.back() * size;
    return {[=](const Buffers& b) {
              parallel_for(pieces, [&](std::int64_t piece) {
                const std::int64_t first = piece * each;
                const auto from = [&](int i) {
                  return static_cast<const char*>(b.in[i]) + first * in_row;
                };
                const auto to = [&](int i) {
                  return static_cast<char*>(b.out[i]) + first * out_row;
                };
                fft.run(std::min(each, rows - first), from(0), two_in ? from(1) : nullptr, to(0),
                        two_out ? to(1) : nullptr,
                        static_cast<char*>(b.scratch) + std::size_t(piece) * scratch);
              });
            },
            scratch * std::size_t(pieces)};
  }

 private:
  FftForm form_;
  std::int64_t n_;
};

// Runs of elements and where they come from: [..., n] and [..., count, length].
class SequencesOp : public Op {
 public:
  SequencesOp(std::int64_t n, std::int64_t length, std::int64_t stride, bool is_adding)
      : n_(n), length_(length), stride_(stride), is_adding_(is_adding) {}
  std::string_view name() const override { return is_adding_ ? "overlap_added" : "sequences"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Spec out = in[0];
    if (!is_adding_) {
      out.shape.back() = count();
      out.shape.push_back(length_);
      return {out};
    }
    require(is_floating(out.dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(out.dtype));
    require(out.shape.size() >= 2 && out.shape[out.shape.size() - 2] == count(), name(),
            ": expected ", count(), " sequences, got shape ", to_string(out.shape));
    out.shape.pop_back();
    out.shape.back() = n_;
    return {out};
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return node.graph->apply(std::make_shared<SequencesOp>(n_, length_, stride_, !is_adding_),
                             {d_out[0]});
  }
  bool by_row(const Node& node) const override { return has_row_axis(node); }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const std::int64_t sequence = length_ * count();
    const std::int64_t rows = element_count(in[0].shape) / (is_adding_ ? sequence : n_);
    if (is_adding_)
      return in[0].dtype == DType::kFloat64 ? bind_adding<double>(rows) : bind_adding<float>(rows);
    const auto size = std::int64_t(size_of(in[0].dtype));
    return {[=, n = n_, length = length_, stride = stride_, count = count()](const Buffers& b) {
      const char* from = b.input<char>(0);
      char* to = b.output<char>(0);
      for (std::int64_t row = 0; row < rows; ++row, from += n * size)
        for (std::int64_t i = 0; i < count; ++i, to += length * size)
          std::copy_n(from + i * stride * size, length * size, to);
    }};
  }

 private:
  std::int64_t count() const { return 1 + (n_ - length_) / stride_; }

  template <class T>
  Kernel bind_adding(std::int64_t rows) const {
    return {[=, n = n_, length = length_, stride = stride_, count = count()](const Buffers& b) {
      const T* from = b.input<T>(0);
      T* to = b.output<T>(0);
      std::fill_n(to, rows * n, T(0));
      for (std::int64_t row = 0; row < rows; ++row, to += n)
        for (std::int64_t i = 0; i < count; ++i, from += length)
          for (std::int64_t k = 0; k < length; ++k) to[i * stride + k] += from[k];
    }};
  }

  std::int64_t n_, length_, stride_;
  bool is_adding_;
};

void require_axes(Value x, std::size_t least) {
  require(x.rank() >= least, "expected a rank of ", least, " or more, got shape ",
          to_string(x.shape()));
}

void require_sequences(std::int64_t n, std::int64_t length, std::int64_t stride) {
  require(length > 0 && stride > 0,
          "expected a sequence_length and a sequence_stride of at least 1, got ", length, " and ",
          stride);
  require(n >= length, "expected at least ", length, " elements along the last axis, got ", n);
}

Value numbers(Value like, const std::vector<double>& values) {
  return like.graph().constant(
      Tensor::of<double>({std::int64_t(values.size())}, values).as(like.dtype()));
}

}  // namespace

std::pair<Value, Value> fourier(Value re, Value im, bool inverse) {
  require_axes(re, 1);
  const std::int64_t n = known_extent(re, -1);
  auto op = std::make_shared<FourierOp>(FftForm::kComplex, n);
  if (!inverse) {
    const auto y = re.graph().apply(op, {re, im});
    return {y[0], y[1]};
  }
  const auto y = re.graph().apply(op, {im, re});
  return {y[1] / double(n), y[0] / double(n)};
}

std::pair<Value, Value> real_fourier(Value x) {
  require_axes(x, 1);
  const auto y =
      x.graph().apply(std::make_shared<FourierOp>(FftForm::kFromReal, known_extent(x, -1)), {x});
  return {y[0], y[1]};
}

Value inverse_real_fourier(Value re, Value im, std::int64_t n) {
  require_axes(re, 1);
  const auto y = re.graph().apply(std::make_shared<FourierOp>(FftForm::kToReal, n), {re, im});
  return y[0] / double(n);
}

Value sequences(Value x, std::int64_t length, std::int64_t stride) {
  require_axes(x, 1);
  const std::int64_t n = known_extent(x, -1);
  require_sequences(n, length, stride);
  return x.graph().apply(std::make_shared<SequencesOp>(n, length, stride, false), {x})[0];
}

Value overlap_added(Value x, std::int64_t stride, std::int64_t n) {
  require_axes(x, 2);
  const std::int64_t length = known_extent(x, -1);
  require_sequences(n, length, stride);
  return x.graph().apply(std::make_shared<SequencesOp>(n, length, stride, true), {x})[0];
}

std::pair<Value, Value> short_time_fourier(Value x, const std::vector<double>& window,
                                           std::int64_t stride, bool centered) {
  require_axes(x, 1);
  const auto n = std::int64_t(window.size());
  if (centered) x = pad_mirrored(x, -1, n / 2, n / 2, "reflect");
  return real_fourier(sequences(x, n, stride) * numbers(x, window));
}

Value inverse_short_time_fourier(Value re, Value im, const std::vector<double>& window,
                                 std::int64_t stride, bool centered,
                                 std::optional<std::int64_t> length) {
  require_axes(re, 2);
  require(stride > 0, "expected a sequence_stride of at least 1, got ", stride);
  const auto n = std::int64_t(window.size());
  const std::int64_t count = known_extent(re, -2), all = (count - 1) * stride + n;
  std::vector<double> scale(std::size_t(all), 0.0);  // 1 over the windows' squares, where there are
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t k = 0; k < n; ++k)
      scale[std::size_t(i * stride + k)] += window[std::size_t(k)] * window[std::size_t(k)];
  for (double& x : scale) x = x > 1e-10 ? 1 / x : 1;
  const Value frames = inverse_real_fourier(re, im, n) * numbers(re, window);
  const Value y = overlap_added(frames, stride, all) * numbers(re, scale);
  const std::int64_t begin = centered ? n / 2 : 0;
  return slice(y, -1, begin, std::min(all, length ? begin + *length : all - begin));
}

}  // namespace keratin::ops
