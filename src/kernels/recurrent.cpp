#include "kernels/recurrent.h"
#include "kernels/pieces.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/gemm.h"
#include "kernels/gemm_kernels.h"
#include "kernels/recurrent_rows.h"
#include "kernels/scratch.h"

namespace keratin::kernels {
namespace {

const RecurrentRows<float>& rows_of(float) { return recurrent_rows_float(); }
const RecurrentRows<double>& rows_of(double) { return recurrent_rows_double(); }

// B [k, n], which every step multiplies by: laid out once for all of them. Stored with `step`
// elements from row to row, or transposed from column to column.
template <class T>
class Factor;

template <>
class Factor<float> {
 public:
  static std::int64_t size(std::int64_t k, std::int64_t n, Precision) {
    const std::int64_t width = gemm_kernels().columns;
    return ceil_div(n, width) * width * k;
  }

  Factor(const float* b, std::int64_t step, bool transposed, std::int64_t k, std::int64_t n,
         float* packed, Precision precision)
      : k_(k), n_(n), packed_(packed), is_rounded_(precision == Precision::kBFloat16) {
    constexpr std::int64_t kPanel = 320 * 16;  // floats: stays in the first-level cache
    if (is_rounded_) pairs_ = bfloat16_kernels();
    width_ = pairs_ != nullptr ? pairs_->columns : gemm_kernels().columns;
    const std::int64_t most =
        is_rounded_ ? std::min(kMostRounded, kPanel / width_) : kPanel / width_;
    steps_ = ceil_div(k, ceil_div(k, most));
    if (pairs_ != nullptr) steps_ = ceil_div(steps_, 2) * 2;
    panel_ = (pairs_ != nullptr ? ceil_div(k, 2) : k) * width_;
    each_panel([&](std::int64_t p, std::int64_t steps, std::int64_t j, std::int64_t columns,
                   float* panel) {
      const float* from = b + (transposed ? j * step + p : p * step + j);
      if (pairs_ != nullptr)
        (transposed ? pairs_->round_transposed : pairs_->round_steps)(from, step, steps, columns,
                                                                      panel, width_);
      else
        gemm_kernels().pack(from, step, transposed, steps, columns, panel);
      if (is_rounded_ && pairs_ == nullptr) round_to_bfloat16(panel, steps * width_, panel);
    });
  }

  // C[rows, n] (+)= A[rows, k] B.
  void multiply(const float* a, std::int64_t a_row, std::int64_t rows, float* c, std::int64_t c_row,
                bool add) const {
    if (is_rounded_) return multiply_rounded(a, a_row, rows, c, c_row, add);
    if (rows == 1) return multiply_row(a, c, add);
    each_panel([&](std::int64_t p, std::int64_t steps, std::int64_t j, std::int64_t columns,
                   const float* panel) {
      gemm_kernels().packed({a + p, a_row, 1, panel, 0, steps, c + j, c_row, add || p > 0}, rows,
                            columns);
    });
  }

 private:
  void multiply_row(const float* a, float* c, bool add) const {
    const GemmKernels& kernels = gemm_kernels();
    const std::int64_t width = kernels.columns;
    const RowProduct product = recurrent_row_product();
    const float* panel = packed_;
    std::int64_t j = 0;
    for (; j + 4 * width <= n_; j += 4 * width, panel += 4 * k_ * width)
      product(a, k_, panel, k_ * width, c + j, add);
    for (; j < n_; j += width, panel += k_ * width)
      kernels.packed({a, k_, 1, panel, 0, k_, c + j, n_, add}, 1, std::min(width, n_ - j));
  }

  // A few rows are rounded for all panels.
  void multiply_rounded(const float* a, std::int64_t a_row, std::int64_t rows, float* c,
                        std::int64_t c_row, bool add) const {
    constexpr std::int64_t kRows = 16;
    constexpr ConvSegment kWhole{0, 0};
    alignas(64) float rounded[kRows * kMostRounded];
    for (std::int64_t row = 0; row < rows; row += kRows, a += kRows * a_row, c += kRows * c_row) {
      const std::int64_t count = std::min(kRows, rows - row);
      for (std::int64_t p = 0; p < k_; p += steps_) {
        const std::int64_t steps = std::min(steps_, k_ - p);
        const std::int64_t pairs = (steps + 1) / 2;
        if (pairs_ != nullptr)
          pairs_->round_rows(a + p, a_row, count, steps, rounded, pairs);
        else
          for (std::int64_t i = 0; i < count; ++i)
            round_to_bfloat16(a + i * a_row + p, steps, rounded + i * steps);
        for (std::int64_t j = 0; j < n_; j += width_) {
          const float* panel = panel_of(j, p);
          const std::int64_t columns = std::min(width_, n_ - j);
          if (pairs_ != nullptr)
            pairs_->multiply(
                {rounded, pairs, 1, &kWhole, 1, pairs, panel, width_, c + j, c_row, add || p > 0},
                count, columns);
          else
            gemm_kernels().packed({rounded, steps, 1, panel, 0, steps, c + j, c_row, add || p > 0},
                                  count, columns);
        }
      }
    }
  }

  template <class Fn>
  void each_panel(const Fn& fn) const {
    for (std::int64_t j = 0; j < n_; j += width_)
      for (std::int64_t p = 0; p < k_; p += steps_)
        fn(p, std::min(steps_, k_ - p), j, std::min(width_, n_ - j), panel_of(j, p));
  }

  // Where the columns from j on are, from step p on.
  float* panel_of(std::int64_t j, std::int64_t p) const {
    return packed_ + j / width_ * panel_ + (pairs_ != nullptr ? p / 2 : p) * width_;
  }

  static constexpr std::int64_t kMostRounded = 320;  // steps of k at a time, of rounded rows
  std::int64_t k_, n_, width_, steps_, panel_;
  float* packed_;
  bool is_rounded_;
  const BFloat16Kernels* pairs_ = nullptr;
};

template <>
class Factor<double> {
 public:
  static std::int64_t size(std::int64_t, std::int64_t, Precision) { return 0; }

  Factor(const double* b, std::int64_t step, bool transposed, std::int64_t k, std::int64_t n,
         double*, Precision)
      : b_(b), k_(k), n_(n), k_step_(transposed ? 1 : step), n_step_(transposed ? step : 1) {}

  void multiply(const double* a, std::int64_t a_row, std::int64_t rows, double* c,
                std::int64_t c_row, bool add) const {
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < n_; ++j) {
        double sum = add ? c[i * c_row + j] : 0;
        for (std::int64_t p = 0; p < k_; ++p)
          sum += a[i * a_row + p] * b_[p * k_step_ + j * n_step_];
        c[i * c_row + j] = sum;
      }
  }

 private:
  const double* b_;
  std::int64_t k_, n_, k_step_, n_step_;
};

// The scratch of either direction. The second product is that of kGruBefore, whose first one leaves
// out the gate that the second one makes.
template <class T>
struct Scratch {
  std::int64_t units, first_columns, second_columns;
  T *first, *second;
  T* reset;  // forward: r h_before [batch, units]; backward: for all steps
  T* kept;   // of one step, where none are to be kept

  Scratch(const RecurrentShape& s, Parts& parts, bool transposed, bool keep) : units(s.units) {
    const bool two = s.cell == RecurrentCell::kGruBefore;
    first_columns = (two ? 2 : s.gates()) * units;
    second_columns = two ? units : 0;
    const auto size = [&](std::int64_t columns) {
      return transposed ? Factor<T>::size(columns, units, s.precision)
                        : Factor<T>::size(units, columns, s.precision);
    };
    first = parts.take<T>(size(first_columns));
    second = two ? parts.take<T>(size(second_columns)) : nullptr;
    reset = two ? parts.take<T>(s.batch * units * (transposed ? s.time : 1)) : nullptr;
    kept = keep ? nullptr : parts.take<T>(s.batch * s.kept() * units);
  }
  Factor<T> first_factor(const RecurrentShape& s, const T* kernel, bool transposed) const {
    return transposed ? Factor<T>(kernel, s.gates() * units, true, first_columns, units, first,
                                  s.precision)
                      : Factor<T>(kernel, s.gates() * units, false, units, first_columns, first,
                                  s.precision);
  }
  // Of no columns where there is none.
  Factor<T> second_factor(const RecurrentShape& s, const T* kernel, bool transposed) const {
    kernel += first_columns;
    if (second_columns == 0) return Factor<T>(kernel, 1, false, 1, 0, nullptr, s.precision);
    return transposed ? Factor<T>(kernel, s.gates() * units, true, second_columns, units, second,
                                  s.precision)
                      : Factor<T>(kernel, s.gates() * units, false, units, second_columns, second,
                                  s.precision);
  }
};

template <class T>
struct GradientScratch : Scratch<T> {
  T *h_before, *dm, *d_reset, *d_second, *d_kernel, *product;
  std::int64_t chunks;  // of time, about equal: several only with dm, to keep that small

  GradientScratch(const RecurrentShape& s, Parts& parts, DType dtype)
      : Scratch<T>(s, parts, true, true) {
    constexpr std::int64_t kRows = 1024;  // of all batches and steps of a chunk, at least
    const bool two = s.cell == RecurrentCell::kGruBefore, gru = s.cell == RecurrentCell::kGru;
    chunks = gru ? std::max<std::int64_t>(1, std::min(s.batch * s.time / kRows, s.time)) : 1;
    const std::int64_t longest = ceil_div(s.time, chunks), rows = s.batch * longest;
    h_before = parts.take<T>(rows * s.units);
    dm = gru ? parts.take<T>(rows * 3 * s.units) : nullptr;
    d_reset = two ? parts.take<T>(s.batch * s.units) : nullptr;
    d_second = two ? parts.take<T>(s.units * s.units) : nullptr;
    d_kernel = chunks > 1 ? parts.take<T>(s.units * 3 * s.units) : nullptr;
    std::size_t bytes = gemm_scratch_bytes(product_of(s, s.gates(), longest), dtype);
    bytes = std::max(bytes, gemm_scratch_bytes(product_of(s, s.gates(), s.time / chunks), dtype));
    if (two) bytes = std::max(bytes, gemm_scratch_bytes(product_of(s, 1, s.time), dtype));
    product = parts.take<T>(std::int64_t(bytes / sizeof(T)) + 1);
  }
  // The gradient of `gates` gates of the kernel: a product over steps of all batches.
  static GemmShape product_of(const RecurrentShape& s, std::int64_t gates, std::int64_t steps) {
    return {s.units, gates * s.units, s.batch * steps, true, false, s.precision};
  }
};

// Rows of the batch that go through time together: enough to use what is read of the kernel well,
// and few enough to leave pieces for threads.
template <class Fn>
void for_batches(const RecurrentShape& s, const Fn& fn) {
  const std::int64_t kernel = s.units * s.units * s.gates();
  const std::int64_t rows = s.batch < 64 ? 16 : kernel <= 512 * 1024 ? 32 : 64;
  const std::int64_t by_work = std::max<std::int64_t>(1, s.batch * s.time * kernel / (256 * 1024));
  const std::int64_t pieces = std::min(ceil_div(s.batch, rows), by_work);
  parallel_for(pieces, [&](std::int64_t i) {
    const std::int64_t begin = s.batch * i / pieces;
    fn(begin, s.batch * (i + 1) / pieces - begin);
  });
}

template <class T>
void run(const RecurrentShape& s, const Recurrence<T>& r, void* memory) {
  if (s.batch <= 0 || s.time <= 0) return;
  Parts parts(memory);
  const bool keep = r.kept != nullptr || s.kept() == 0;
  const Scratch<T> scratch(s, parts, false, keep);
  const Factor<T> first = scratch.first_factor(s, r.recurrent_kernel, false),
                  second = scratch.second_factor(s, r.recurrent_kernel, false);
  const RecurrentRows<T>& kernels = rows_of(T{});
  const std::int64_t n = s.units, time = s.time, x_width = s.gates() * n, kept = s.kept() * n;
  const bool is_lstm = s.cell == RecurrentCell::kLstm;

  for_batches(s, [&](std::int64_t batch, std::int64_t rows) {
    StepRows<T> step{};
    step.activation = s.activation;
    step.gate = s.gate;
    step.rows = rows;
    step.units = n;
    step.bias = r.recurrent_bias;
    step.mask_row = time;
    step.x_row = time * x_width;
    step.kept_row = keep ? time * kept : kept;
    step.h_row = time * n;
    step.c_row = keep ? time * n : n;
    if (scratch.reset != nullptr) step.reset = scratch.reset + batch * n;
    step.h_before = r.h + batch * n;
    step.h_before_row = step.c_before_row = n;
    if (is_lstm) step.c_before = r.c + batch * n;
    for (std::int64_t i = 0; i < time; ++i) {
      const std::int64_t t = s.go_backwards ? time - 1 - i : i;
      step.mask = r.mask == nullptr ? nullptr : r.mask + batch * time + t;
      step.x = r.projected + (batch * time + t) * x_width;
      if (kept > 0)
        step.kept = keep ? r.kept + (batch * time + i) * kept : scratch.kept + batch * kept;
      step.h = r.outputs + (batch * time + i) * n;
      if (is_lstm) step.c = keep ? r.cells + (batch * time + i) * n : r.last_c + batch * n;
      T* m = kept > 0 ? step.kept : step.h;
      first.multiply(step.h_before, step.h_before_row, rows, m,
                     kept > 0 ? step.kept_row : step.h_row, false);
      switch (s.cell) {
        case RecurrentCell::kSimple:
          kernels.simple(step);
          break;
        case RecurrentCell::kLstm:
          kernels.lstm(step);
          break;
        case RecurrentCell::kGru:
          kernels.gru(step);
          break;
        case RecurrentCell::kGruBefore:
          kernels.gru_before_reset(step);
          second.multiply(step.reset, n, rows, m + 2 * n, step.kept_row, false);
          kernels.gru_before(step);
          break;
      }
      step.h_before = step.h;
      step.c_before = step.c;
      step.h_before_row = step.h_row;
      step.c_before_row = step.c_row;
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      std::copy_n(step.h + row * step.h_row, n, r.last_h + (batch + row) * n);
      if (is_lstm && keep) std::copy_n(step.c + row * step.c_row, n, r.last_c + (batch + row) * n);
    }
  });
}

template <class T>
void run_gradient(const RecurrentShape& s, const RecurrenceGradient<T>& r, void* memory,
                  DType dtype) {
  const std::int64_t n = s.units, time = s.time, x_width = s.gates() * n, kept = s.kept() * n;
  Parts parts(memory);
  const GradientScratch<T> scratch(s, parts, dtype);
  const bool is_lstm = s.cell == RecurrentCell::kLstm;
  const auto start = [&](const T* given, T* d) {
    if (given == nullptr)
      std::fill_n(d, s.batch * n, T{0});
    else
      std::copy_n(given, s.batch * n, d);
  };
  start(r.d_last_h, r.d_h);
  if (is_lstm) start(r.d_last_c, r.d_c);
  const Factor<T> first = scratch.first_factor(s, r.recurrent_kernel, true),
                  second = scratch.second_factor(s, r.recurrent_kernel, true);
  const RecurrentRows<T>& kernels = rows_of(T{});

  // Steps begin .. end-1, the last ones first.
  const auto run_chunk = [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t steps = end - begin;
    for_batches(s, [&](std::int64_t batch, std::int64_t rows) {
      StepGradientRows<T> step{};
      step.activation = s.activation;
      step.gate = s.gate;
      step.rows = rows;
      step.units = n;
      step.mask_row = time;
      step.kept_row = time * kept;
      step.h_row = step.d_output_row = time * n;
      step.dx_row = time * x_width;
      step.dm_row = steps * x_width;
      step.dh = r.d_h + batch * n;
      if (is_lstm) step.dc = r.d_c + batch * n;
      if (scratch.d_reset != nullptr) step.d_reset = scratch.d_reset + batch * n;
      for (std::int64_t i = end - 1; i >= begin; --i) {
        const std::int64_t t = s.go_backwards ? time - 1 - i : i;
        const std::int64_t at = batch * time + i, input = batch * time + t;
        const std::int64_t row_of_chunk = batch * steps + (scratch.dm != nullptr ? i - begin : t);
        step.mask = r.mask == nullptr ? nullptr : r.mask + input;
        step.kept = kept > 0 ? r.kept + at * kept : nullptr;
        step.h = r.outputs + at * n;
        step.h_before = i > 0 ? step.h - n : r.h + batch * n;
        step.h_before_row = step.c_before_row = i > 0 ? step.h_row : n;
        if (is_lstm) {
          step.c = r.cells + at * n;
          step.c_before = i > 0 ? step.c - n : r.c + batch * n;
        }
        step.d_output = r.d_outputs == nullptr ? nullptr : r.d_outputs + at * n;
        step.dx = r.d_projected + input * x_width;
        if (scratch.dm != nullptr) step.dm = scratch.dm + row_of_chunk * x_width;
        if (scratch.reset != nullptr) step.reset = scratch.reset + input * n;
        const T* d = step.dx;
        switch (s.cell) {
          case RecurrentCell::kSimple:
            kernels.simple_gradient(step);
            break;
          case RecurrentCell::kLstm:
            kernels.lstm_gradient(step);
            break;
          case RecurrentCell::kGru:
            kernels.gru_gradient(step);
            d = step.dm;
            break;
          case RecurrentCell::kGruBefore:
            kernels.gru_before_gradient(step);
            second.multiply(step.dx + 2 * n, step.dx_row, rows, step.d_reset, n, false);
            kernels.gru_before_reset_gradient(step);
            break;
        }
        first.multiply(d, d == step.dx ? step.dx_row : step.dm_row, rows, step.dh, n, true);
        for (std::int64_t row = 0; row < rows; ++row)
          std::copy_n(step.h_before + row * step.h_before_row, n,
                      scratch.h_before + (row_of_chunk + row * steps) * n);
      }
    });
  };

  using S = GradientScratch<T>;
  if (r.d_recurrent_bias != nullptr) std::fill_n(r.d_recurrent_bias, x_width, T{0});
  for (std::int64_t chunk = scratch.chunks - 1; chunk >= 0; --chunk) {
    const std::int64_t begin = time * chunk / scratch.chunks;
    const std::int64_t steps = time * (chunk + 1) / scratch.chunks - begin;
    run_chunk(begin, begin + steps);
    const T* dm = scratch.dm != nullptr ? scratch.dm : r.d_projected;
    T* d_kernel = chunk == scratch.chunks - 1 ? r.d_recurrent_kernel : scratch.d_kernel;
    gemm(S::product_of(s, s.gates(), steps), scratch.h_before, dm, d_kernel, {}, scratch.product);
    if (d_kernel != r.d_recurrent_kernel)
      for (std::int64_t j = 0; j < n * x_width; ++j) r.d_recurrent_kernel[j] += d_kernel[j];
    if (r.d_recurrent_bias != nullptr)
      for (std::int64_t row = 0; row < s.batch * steps; ++row)
        for (std::int64_t j = 0; j < x_width; ++j) r.d_recurrent_bias[j] += dm[row * x_width + j];
  }
  if (scratch.reset != nullptr) {
    // The last gate's part of the kernel met r h_before instead. Its columns lie apart.
    const std::int64_t steps = s.batch * time;
    for (std::int64_t row = 0; row < steps; ++row)
      std::copy_n(r.d_projected + row * x_width + 2 * n, n, scratch.h_before + row * n);
    gemm(S::product_of(s, 1, time), scratch.reset, scratch.h_before, scratch.d_second, {},
         scratch.product);
    for (std::int64_t row = 0; row < n; ++row)
      std::copy_n(scratch.d_second + row * n, n, r.d_recurrent_kernel + row * x_width + 2 * n);
  }
}

template <class T>
std::size_t scratch_bytes(const RecurrentShape& s, bool keep) {
  Parts parts(nullptr);
  Scratch<T>(s, parts, false, keep);
  return parts.bytes();
}

template <class T>
std::size_t gradient_scratch_bytes(const RecurrentShape& s, DType dtype) {
  Parts parts(nullptr);
  GradientScratch<T>(s, parts, dtype);
  return parts.bytes();
}

}  // namespace

std::size_t recurrence_scratch(const RecurrentShape& shape, DType dtype, bool keep) {
  return dtype == DType::kFloat64 ? scratch_bytes<double>(shape, keep)
                                  : scratch_bytes<float>(shape, keep);
}
std::size_t recurrence_gradient_scratch(const RecurrentShape& shape, DType dtype) {
  return dtype == DType::kFloat64 ? gradient_scratch_bytes<double>(shape, dtype)
                                  : gradient_scratch_bytes<float>(shape, dtype);
}

void recurrence(const RecurrentShape& shape, const Recurrence<float>& r, void* scratch) {
  run(shape, r, scratch);
}
void recurrence(const RecurrentShape& shape, const Recurrence<double>& r, void* scratch) {
  run(shape, r, scratch);
}
void recurrence_gradient(const RecurrentShape& shape, const RecurrenceGradient<float>& r,
                         void* scratch) {
  run_gradient(shape, r, scratch, DType::kFloat32);
}
void recurrence_gradient(const RecurrentShape& shape, const RecurrenceGradient<double>& r,
                         void* scratch) {
  run_gradient(shape, r, scratch, DType::kFloat64);
}

}  // namespace keratin::kernels
