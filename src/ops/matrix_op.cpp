#include "ops/matrix_op.h"

#include <algorithm>

#include "core/error.h"
#include "core/threads.h"
#include "graph/rows.h"

namespace keratin::ops {
namespace {

constexpr std::int64_t kMaxPieces = 8;  // bounds the scratch memory

Shape batch_of(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

std::vector<MatrixOp::Matrix> matrices_of(std::span<const Spec> in) {
  std::vector<MatrixOp::Matrix> matrices;
  for (const Spec& spec : in)
    matrices.push_back({spec.shape[spec.shape.size() - 2], spec.shape.back()});
  return matrices;
}

Shape common_batch(std::span<const Spec> in) {
  Shape batch = batch_of(in[0].shape);
  for (const Spec& spec : in.subspan(1)) batch = broadcast_shapes(batch, batch_of(spec.shape));
  return batch;
}

}  // namespace

std::vector<std::int64_t> batch_offsets(const Shape& own, const Shape& all, std::int64_t matrix) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(element_count(all)), 0);
  std::int64_t stride = matrix, before = 1;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::int64_t extent = own[own.size() - 1 - i], full = all[all.size() - 1 - i];
    if (extent != 1)
      for (std::size_t k = 0; k < offsets.size(); ++k)
        offsets[k] += static_cast<std::int64_t>(k) / before % full * stride;
    stride *= extent;
    before *= full;
  }
  return offsets;
}

void MatrixCall::load(std::size_t input, double* to) const {
  const std::int64_t n = in_size[input];
  if (is_double)
    std::copy_n(static_cast<const double*>(in[input]), n, to);
  else
    std::copy_n(static_cast<const float*>(in[input]), n, to);
}

void MatrixCall::store(std::size_t output, const double* from) const {
  const std::int64_t n = out_size[output];
  if (is_double)
    std::copy_n(from, n, static_cast<double*>(out[output]));
  else
    std::transform(from, from + n, static_cast<float*>(out[output]),
                   [](double x) { return float(x); });
}

void require_square(const MatrixOp::Matrix& matrix) {
  const auto [rows, columns] = matrix;
  require(rows == columns || rows == kUnknown || columns == kUnknown,
          "expected square matrices, got ", rows, " rows of ", columns);
}

void require_matrices(const Shape& shape) {
  require(shape.size() >= 2, "expected matrices, of rank 2 or more, got shape ", to_string(shape));
}

std::vector<Spec> MatrixOp::infer(std::span<const Spec> in) const {
  try {
    for (const Spec& spec : in) {
      require(is_floating(spec.dtype) && spec.dtype == in[0].dtype,
              "expected float32 or float64, the same for all, got ", keratin::name_of(spec.dtype));
      require_matrices(spec.shape);
      const auto [rows, columns] = matrices_of({&spec, 1})[0];
      require(rows != 0 && columns != 0, "expected matrices with elements, got shape ",
              to_string(spec.shape));
    }
    const Shape batch = common_batch(in);
    std::vector<Spec> out;
    for (Result& result : results(matrices_of(in))) {
      Shape shape = batch;
      shape.insert(shape.end(), result.shape.begin(), result.shape.end());
      out.push_back({result.is_integer ? DType::kInt32 : in[0].dtype, std::move(shape)});
    }
    return out;
  } catch (const Error& error) {
    fail(error.code(), name(), ": ", error.what());
  }
}

// The batch has to be an axis of the batch of matrices, the first of all.
bool MatrixOp::by_row(const Node& node) const {
  const std::size_t rank = node.inputs[0].rank();
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Value& input) {
    if (has_rows(input)) return input.rank() > 2 && input.rank() == rank;
    return input.rank() < rank || input.shape()[0] == 1;
  });
}

Kernel MatrixOp::bind(std::span<const Spec> in, std::span<const Spec> out) const {
  const Shape batch = common_batch(in);
  const std::int64_t count = element_count(batch);
  const bool is_double = in[0].dtype == DType::kFloat64;
  const std::vector<Matrix> matrices = matrices_of(in);
  const auto [run, scratch] = bind_one(matrices, is_double);

  MatrixCall call{};
  call.is_double = is_double;
  std::vector<std::vector<std::int64_t>> in_bytes;  // where each matrix begins
  for (std::size_t i = 0; i < in.size(); ++i) {
    call.in_size[i] = matrices[i][0] * matrices[i][1];
    in_bytes.push_back(batch_offsets(batch_of(in[i].shape), batch,
                                     call.in_size[i] * std::int64_t(size_of(in[i].dtype))));
  }
  std::vector<std::int64_t> out_bytes;
  for (std::size_t i = 0; i < out.size(); ++i) {
    call.out_size[i] = product(out[i].shape, batch.size(), out[i].shape.size());
    out_bytes.push_back(call.out_size[i] * std::int64_t(size_of(out[i].dtype)));
  }
  const std::int64_t pieces = std::clamp<std::int64_t>(count, 1, kMaxPieces);
  const std::size_t each = (scratch + 63) / 64 * 64;
  return {[=, run = run](const Buffers& b) {
            parallel_for(pieces, [&](std::int64_t piece) {
              MatrixCall one = call;
              one.scratch = static_cast<char*>(b.scratch) + std::size_t(piece) * each;
              for (std::int64_t k = count * piece / pieces; k < count * (piece + 1) / pieces; ++k) {
                for (std::size_t i = 0; i < in_bytes.size(); ++i)
                  one.in[i] = static_cast<const char*>(b.in[i]) + in_bytes[i][std::size_t(k)];
                for (std::size_t i = 0; i < out_bytes.size(); ++i)
                  one.out[i] = static_cast<char*>(b.out[i]) + k * out_bytes[i];
                run(one);
              }
            });
          },
          each * std::size_t(pieces)};
}

}  // namespace keratin::ops
