#include "kernels/attention.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/gemm_kernels.h"
#include "kernels/softmax.h"

namespace keratin::kernels {
namespace {

// How the work is cut depends on the shape alone.
constexpr std::int64_t kTaskWork = 256 * 1024;    // multiplications that are worth a thread's while
constexpr std::int64_t kMaxTasks = 16;            // bounds the scratch memory
constexpr std::int64_t kBlockScores = 64 * 1024;  // of a block of rows: stay in cache
constexpr std::int64_t kPanel = 320 * 16;         // of a packed operand: stays in the first cache

// What masked scores become, as with JAX.
constexpr float kNever = -0.7f * 3.40282347e38f;

// Element [i, j] is data[i * row + j * column]; one of the strides is 1.
template <class T>
struct View {
  const T* data;
  std::int64_t row, column;
  View from(std::int64_t i) const { return {data + i * row, row, column}; }
  View transposed() const { return {data, column, row}; }
};

// As below, of operands rounded to bfloat16.
void multiply_pairs(const BFloat16Kernels& kernels, View<float> a, View<float> b, std::int64_t m,
                    std::int64_t n, std::int64_t k, float* c, std::int64_t c_row, bool add) {
  constexpr std::int64_t kRows = 64, kPairs = 128, kColumns = 32;
  constexpr ConvSegment kWhole{0, 0};
  alignas(64) float rows_of_a[kRows * kPairs], panel[kPairs * kColumns];
  const bool a_transposed = a.column != 1, b_transposed = b.column != 1;
  const auto pack = b_transposed ? kernels.round_transposed : kernels.round_steps;
  for (std::int64_t p = 0; p < k; p += 2 * kPairs)
    for (std::int64_t i = 0; i < m; i += kRows) {
      const std::int64_t length = std::min(k - p, 2 * kPairs), pairs = (length + 1) / 2;
      const std::int64_t rows = std::min(m - i, kRows);
      const float* from_a = a.data + i * a.row + p * a.column;
      if (a_transposed)
        kernels.round_steps(from_a, a.column, length, rows, rows_of_a, rows);
      else
        kernels.round_rows(from_a, a.row, rows, length, rows_of_a, pairs);
      for (std::int64_t j = 0; j < n; j += kColumns) {
        const std::int64_t columns = std::min(n - j, kColumns);
        pack(b.data + p * b.row + j * b.column, b_transposed ? b.column : b.row, length, columns,
             panel, kColumns);
        kernels.multiply({rows_of_a, a_transposed ? 1 : pairs, a_transposed ? rows : 1, &kWhole, 1,
                          pairs, panel, kColumns, c + i * c_row + j, c_row, add || p > 0},
                         rows, columns);
      }
    }
}

// The same where there are no instructions for it.
void multiply_rounded(View<float> a, View<float> b, std::int64_t m, std::int64_t n, std::int64_t k,
                      float* c, std::int64_t c_row, bool add) {
  for (std::int64_t i = 0; i < m; ++i) {
    float* row = c + i * c_row;
    if (!add) std::fill_n(row, n, 0.0f);
    for (std::int64_t p = 0; p < k; ++p) {
      const float x = round_to_bfloat16(a.data[i * a.row + p * a.column]);
      for (std::int64_t j = 0; j < n; ++j)
        row[j] += x * round_to_bfloat16(b.data[p * b.row + j * b.column]);
    }
  }
}

// c[m, n] (+)= a[m, k] b[k, n], rows of c being c_row apart.
void multiply(View<float> a, View<float> b, std::int64_t m, std::int64_t n, std::int64_t k,
              float* c, std::int64_t c_row, bool add, Precision precision) {
  if (precision == Precision::kBFloat16) {
    if (const BFloat16Kernels* kernels = bfloat16_kernels())
      return multiply_pairs(*kernels, a, b, m, n, k, c, c_row, add);
    return multiply_rounded(a, b, m, n, k, c, c_row, add);
  }
  const GemmKernels& kernels = gemm_kernels();
  alignas(64) float panel[kPanel];
  const std::int64_t width = kernels.columns, steps = kPanel / width;
  const bool transposed = b.column != 1;
  for (std::int64_t p = 0; p < k; p += steps)
    for (std::int64_t j = 0; j < n; j += width) {
      const std::int64_t length = std::min(k - p, steps), columns = std::min(n - j, width);
      kernels.pack(b.data + p * b.row + j * b.column, transposed ? b.column : b.row, transposed,
                   length, columns, panel);
      kernels.packed(
          {a.data + p * a.column, a.row, a.column, panel, 0, length, c + j, c_row, add || p > 0}, m,
          columns);
    }
}

void multiply(View<double> a, View<double> b, std::int64_t m, std::int64_t n, std::int64_t k,
              double* c, std::int64_t c_row, bool add, Precision) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = add ? c[i * c_row + j] : 0;
      for (std::int64_t p = 0; p < k; ++p)
        sum += a.data[i * a.row + p * a.column] * b.data[p * b.row + j * b.column];
      c[i * c_row + j] = sum;
    }
}

std::int64_t round_up(std::int64_t n) { return (n + 15) / 16 * 16; }

struct Cut {
  std::int64_t rows, blocks;  // of queries in a block; blocks of a head
  std::int64_t scores_row;    // scores from one row to the next
  std::int64_t tasks;
};

Cut cut_of(const AttentionShape& s, bool gradient) {
  Cut cut;
  cut.scores_row = round_up(std::max<std::int64_t>(s.s, 1));
  cut.rows = std::min(std::max<std::int64_t>(s.t, 1),
                      std::clamp<std::int64_t>(kBlockScores / cut.scores_row, 16, 64));
  cut.blocks = (s.t + cut.rows - 1) / cut.rows;
  const std::int64_t units = gradient ? s.batch * s.key_heads : s.batch * s.heads * cut.blocks;
  const std::int64_t work = s.batch * s.heads * s.t * s.s * (s.depth + s.width);
  cut.tasks = std::clamp<std::int64_t>(work / kTaskWork, 1,
                                       std::min(kMaxTasks, std::max<std::int64_t>(units, 1)));
  return cut;
}

// One head of queries with its keys, and a block of its rows.
template <class T>
struct Head {
  const AttentionShape& s;
  const T *mask, *kept;
  View<T> query, key, value;
  std::int64_t query_row, key_row, value_row, out_row;

  Head(const AttentionShape& shape, std::int64_t batch, std::int64_t head, const T* q, const T* k,
       const T* v, const T* m)
      : s(shape),
        query_row(s.heads * s.depth),
        key_row(s.key_heads * s.depth),
        value_row(s.key_heads * s.width),
        out_row(s.heads * s.width) {
    const std::int64_t key_head = head / (s.heads / s.key_heads);
    query = {q + batch * s.t * query_row + head * s.depth, query_row, 1};
    key = {k + batch * s.s * key_row + key_head * s.depth, key_row, 1};
    value = {v + batch * s.s * value_row + key_head * s.width, value_row, 1};
    mask = s.masked ? m + batch * s.mask_batch + head * s.mask_head : nullptr;
  }

  // Keys that rows up to `end` see; with a mask, a row may see all although it should see none.
  std::int64_t seen(std::int64_t end) const {
    return s.causal && !s.masked ? std::min(end, s.s) : s.s;
  }
  bool is_seen(std::int64_t row, std::int64_t column) const {
    return (!s.causal || column <= row) && mask[row * s.mask_row + column * s.mask_column] != T{0};
  }

  // Scores of the rows begin .. end-1, and fn(row, its scores, how many count, their scale).
  template <class Fn>
  void each_row(std::int64_t begin, std::int64_t end, T* scores, std::int64_t scores_row,
                const Fn& fn) const {
    const std::int64_t columns = seen(end);
    multiply(query.from(begin), key.transposed(), end - begin, columns, s.depth, scores, scores_row,
             false, s.precision);
    const T scale = static_cast<T>(s.scale);
    for (std::int64_t row = begin; row < end; ++row) {
      T* x = scores + (row - begin) * scores_row;
      if (!s.masked) {
        const std::int64_t n = seen(row + 1);
        fn(row, x, n, scale);
        std::fill(x + n, x + columns, T{0});
        continue;
      }
      for (std::int64_t j = 0; j < columns; ++j) x[j] = is_seen(row, j) ? x[j] * scale : T{kNever};
      fn(row, x, columns, T{1});
    }
  }
};

// Calls fn(unit, scratch of the task) for all units, in tasks.
template <class T, class Fn>
void for_units(const Cut& cut, std::int64_t units, std::int64_t scratch_of_task, void* scratch,
               const Fn& fn) {
  parallel_for(cut.tasks, [&](std::int64_t task) {
    T* own = static_cast<T*>(scratch) + task * scratch_of_task;
    for (std::int64_t unit = units * task / cut.tasks; unit < units * (task + 1) / cut.tasks;
         ++unit)
      fn(unit, own);
  });
}

}  // namespace

template <class T>
std::size_t attention_scratch_bytes(const AttentionShape& shape, bool gradient) {
  const Cut cut = cut_of(shape, gradient);
  return std::size_t(cut.tasks * cut.rows * cut.scores_row * (gradient ? 2 : 1)) * sizeof(T);
}

template <class T>
void attention(const AttentionShape& s, const T* query, const T* key, const T* value, const T* mask,
               T* out, T* kept, void* scratch) {
  const Cut cut = cut_of(s, false);
  for_units<T>(cut, s.batch * s.heads * cut.blocks, cut.rows * cut.scores_row, scratch,
               [&](std::int64_t unit, T* scores) {
                 const std::int64_t head = unit / cut.blocks, begin = unit % cut.blocks * cut.rows;
                 const std::int64_t end = std::min(begin + cut.rows, s.t);
                 const Head<T> h(s, head / s.heads, head % s.heads, query, key, value, mask);
                 h.each_row(begin, end, scores, cut.scores_row,
                            [&](std::int64_t row, T* x, std::int64_t n, T scale) {
                              const SoftmaxRow<T> r = softmax_scaled(x, n, scale);
                              T* k = kept + (head * s.t + row) * 2;
                              k[0] = r.top, k[1] = r.inverse;
                            });
                 T* y = out + (head / s.heads * s.t + begin) * h.out_row + head % s.heads * s.width;
                 multiply({scores, cut.scores_row, 1}, h.value, end - begin, s.width, h.seen(end),
                          y, h.out_row, false, s.precision);
               });
}

template <class T>
void attention_gradient(const AttentionShape& s, const T* query, const T* key, const T* value,
                        const T* mask, const T* kept, const T* d_out, AttentionGradient<T> d,
                        void* scratch) {
  const Cut cut = cut_of(s, true);
  const std::int64_t block = cut.rows * cut.scores_row, group = s.heads / s.key_heads;
  for_units<T>(cut, s.batch * s.key_heads, 2 * block, scratch, [&](std::int64_t unit, T* scores) {
    const std::int64_t batch = unit / s.key_heads, key_head = unit % s.key_heads;
    T* d_scores = scores + block;
    for (std::int64_t head = key_head * group; head < (key_head + 1) * group; ++head) {
      const Head<T> h(s, batch, head, query, key, value, mask);
      T* d_query = d.query + (h.query.data - query);
      T* d_key = d.key + (h.key.data - key);
      T* d_value = d.value + (h.value.data - value);
      if (head == key_head * group)
        for (std::int64_t j = 0; j < s.s; ++j) {
          std::fill_n(d_key + j * h.key_row, s.depth, T{0});
          std::fill_n(d_value + j * h.value_row, s.width, T{0});
        }
      const View<T> d_y{d_out + batch * s.t * h.out_row + head * s.width, h.out_row, 1};
      for (std::int64_t begin = 0; begin < s.t; begin += cut.rows) {
        const std::int64_t end = std::min(begin + cut.rows, s.t), rows = end - begin;
        const std::int64_t columns = h.seen(end);
        multiply(d_y.from(begin), h.value.transposed(), rows, columns, s.width, d_scores,
                 cut.scores_row, false, s.precision);
        h.each_row(begin, end, scores, cut.scores_row,
                   [&](std::int64_t row, T* x, std::int64_t n, T scale) {
                     const T* k = kept + ((batch * s.heads + head) * s.t + row) * 2;
                     softmax_again(x, n, scale, {k[0], k[1]});
                     T* dx = d_scores + (row - begin) * cut.scores_row;
                     softmax_scaled_gradient(x, n, static_cast<T>(s.scale), dx);
                     std::fill(dx + n, dx + columns, T{0});
                     if (!s.masked) return;
                     for (std::int64_t j = 0; j < n; ++j)
                       if (!h.is_seen(row, j)) dx[j] = 0;
                   });
        const View<T> weights{scores, cut.scores_row, 1}, d_weights{d_scores, cut.scores_row, 1};
        multiply(weights.transposed(), d_y.from(begin), columns, s.width, rows, d_value,
                 h.value_row, true, s.precision);
        multiply(d_weights, h.key, rows, s.depth, columns, d_query + begin * h.query_row,
                 h.query_row, false, s.precision);
        multiply(d_weights.transposed(), h.query.from(begin), columns, s.depth, rows, d_key,
                 h.key_row, true, s.precision);
      }
    }
  });
}

#define KERATIN_ATTENTION(T)                                                                    \
  template std::size_t attention_scratch_bytes<T>(const AttentionShape&, bool);                 \
  template void attention<T>(const AttentionShape&, const T*, const T*, const T*, const T*, T*, \
                             T*, void*);                                                        \
  template void attention_gradient<T>(const AttentionShape&, const T*, const T*, const T*,      \
                                      const T*, const T*, const T*, AttentionGradient<T>, void*);
KERATIN_ATTENTION(float)
KERATIN_ATTENTION(double)
#undef KERATIN_ATTENTION

}  // namespace keratin::kernels
