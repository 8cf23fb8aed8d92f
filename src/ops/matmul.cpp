#include "ops/matmul.h"

#include <algorithm>

#include "core/error.h"
#include "core/threads.h"
#include "graph/rows.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "ops/elementwise_op.h"
#include "ops/matrix_op.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

using kernels::Elementwise;
using kernels::Fn;
using kernels::GemmShape;
using kernels::Operand;
using kernels::Program;

constexpr std::int64_t kTaskWork = 256 * 1024;  // multiplications that are worth a thread's while
constexpr std::int64_t kMaxTasks = 32;          // bounds the scratch memory

// The products of one call: `batch` of them, operands `a_stride` and `b_stride` elements apart in
// the batch axes given by `a_offsets` and `b_offsets` (empty: one product).
struct Products {
  GemmShape shape;
  std::vector<std::int64_t> a_offsets, b_offsets;
};

class MatMulOp : public EpilogueOp {
 public:
  MatMulOp(bool transpose_a, bool transpose_b, Precision precision, Program epilogue)
      : transpose_a_(transpose_a),
        transpose_b_(transpose_b),
        precision_(precision),
        epilogue_(std::move(epilogue)) {
    plain_ =
        epilogue_.inputs == 1 && epilogue_.code.size() == 1 && epilogue_.code[0].fn == Fn::copy;
  }

  static Program no_epilogue() { return {1, {{Fn::copy, {Operand::input(0)}}}}; }

  std::string_view name() const override { return plain_ ? "matmul" : "matmul+elementwise"; }
  const Program& epilogue() const override { return epilogue_; }
  std::shared_ptr<const Op> with_epilogue(Program program) const override {
    return std::make_shared<MatMulOp>(transpose_a_, transpose_b_, precision_, std::move(program));
  }
  bool shape_only(int input) const override { return input >= 2 && !epilogue_.reads(input - 1); }
  bool by_row(const Node& node) const override {
    const Value& b = node.inputs[1];
    return b.rank() == 2 ? !has_rows(b) && rows_line_up(node, 1) : rows_line_up(node);
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Spec &a = in[0], &b = in[1];
    require(is_floating(a.dtype) && a.dtype == b.dtype,
            "matmul: expected two operands of float32 or two of float64, got ",
            keratin::name_of(a.dtype), " and ", keratin::name_of(b.dtype));
    require(a.shape.size() >= 2 && b.shape.size() >= 2,
            "matmul: expected operands of rank 2 or more, got shapes ", to_string(a.shape), " and ",
            to_string(b.shape));
    const auto [m, k] = matrix(a.shape, transpose_a_);
    const auto [k2, n] = matrix(b.shape, transpose_b_);
    require(k == k2 || k == kUnknown || k2 == kUnknown, "matmul: shapes ", to_string(a.shape),
            transpose_a_ ? " (transposed)" : "", " and ", to_string(b.shape),
            transpose_b_ ? " (transposed)" : "", " do not fit: ", k, " is not ", k2);
    Shape shape;
    try {
      shape = broadcast_shapes(batch(a.shape), batch(b.shape));
    } catch (const Error& error) {
      fail(error.code(), "matmul: batch ", error.what());
    }
    shape.push_back(m);
    shape.push_back(n);
    return {{a.dtype, std::move(shape)}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    if (!plain_) fail(Code::kInternal, "matmul: its gradient comes after fusion");
    const PrecisionScope scope(*node.graph, precision_);
    const Value a = node.inputs[0], b = node.inputs[1], d = d_out[0];
    Value d_a =
        transpose_a_ ? matmul(b, d, transpose_b_, true) : matmul(d, b, false, !transpose_b_);
    Value d_b;
    if (b.rank() == 2 && a.rank() > 2 && !transpose_a_) {
      // One product over all rows of all batches.
      const Value rows = reshape(a, {kUnknown, a.shape().back()});
      const Value d_rows = reshape(d, {kUnknown, d.shape().back()});
      d_b = transpose_b_ ? matmul(d_rows, rows, true, false) : matmul(rows, d_rows, true, false);
    } else {
      d_b = transpose_b_ ? matmul(d, a, true, transpose_a_) : matmul(a, d, !transpose_a_, false);
    }
    return {sum_to_like(d_a, a), sum_to_like(d_b, b)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(in, out[0]);
    return bind_as<float>(in, out[0]);
  }

 private:
  static std::pair<std::int64_t, std::int64_t> matrix(const Shape& shape, bool transpose) {
    const std::int64_t rows = shape[shape.size() - 2], columns = shape[shape.size() - 1];
    return transpose ? std::pair{columns, rows} : std::pair{rows, columns};
  }
  static Shape batch(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

  Products products(const Shape& a, const Shape& b) const {
    const auto [m, k] = matrix(a, transpose_a_);
    const std::int64_t n = matrix(b, transpose_b_).second;
    Products p{{m, n, k, transpose_a_, transpose_b_, precision_}, {}, {}};
    const Shape a_batch = batch(a), b_batch = batch(b);
    const std::int64_t a_count = element_count(a_batch), b_count = element_count(b_batch);
    if (b_count == 1 && (!transpose_a_ || a_count == 1)) {
      p.shape.m = m * a_count;
      return p;
    }
    const Shape all = broadcast_shapes(a_batch, b_batch);
    p.a_offsets = batch_offsets(a_batch, all, m * k);
    p.b_offsets = batch_offsets(b_batch, all, k * n);
    return p;
  }

  template <class T>
  Kernel bind_as(std::span<const Spec> in, const Spec& out) const {
    const Products p = products(in[0].shape, in[1].shape);
    const std::size_t scratch = kernels::gemm_scratch_bytes(p.shape, in[0].dtype);
    if (element_count(out.shape) == 0) return {[](const Buffers&) {}};
    std::shared_ptr<const Elementwise> after;
    if (!plain_) {
      std::vector<Shape> shapes{out.shape};
      for (const Spec& spec : in.subspan(2)) shapes.push_back(spec.shape);
      after = std::make_shared<const Elementwise>(epilogue_, out.dtype, shapes, out.shape);
    }
    if (p.a_offsets.empty())
      return {[shape = p.shape, after](const Buffers& b) {
                run<T>(shape, b.input<T>(0), b.input<T>(1), b, 0, after.get());
              },
              scratch};
    // Several matrices to a task, and scratch memory for each.
    const auto count = static_cast<std::int64_t>(p.a_offsets.size());
    const std::int64_t one = std::max<std::int64_t>(1, p.shape.m * p.shape.n * p.shape.k);
    const std::int64_t tasks = std::clamp<std::int64_t>(one * count / kTaskWork, 1,
                                                        std::min<std::int64_t>(count, kMaxTasks));
    const std::size_t stride = (scratch + 63) / 64 * 64;
    return {[=](const Buffers& b) {
              parallel_for(tasks, [&](std::int64_t task) {
                Buffers own = b;
                if (stride)
                  own.scratch = static_cast<char*>(b.scratch) + std::size_t(task) * stride;
                for (std::int64_t i = count * task / tasks; i < count * (task + 1) / tasks; ++i)
                  run<T>(p.shape, b.input<T>(0) + p.a_offsets[std::size_t(i)],
                         b.input<T>(1) + p.b_offsets[std::size_t(i)], own, i * p.shape.m,
                         after.get());
              });
            },
            stride * std::size_t(tasks)};
  }

  // One product, into the output from row first_row on, and what follows on its rows.
  template <class T>
  static void run(const GemmShape& shape, const T* x, const T* y, const Buffers& buffers,
                  std::int64_t first_row, const Elementwise* after) {
    struct Context {
      const void* in[2 * Elementwise::kMaxInputs + 1];
      void* out;
      std::int64_t first_row, width;
      const Elementwise* after;
    } context;
    T* out = buffers.output<T>(0) + first_row * shape.n;
    kernels::RowEpilogue epilogue;
    if (after) {
      context.in[0] = buffers.out[0];
      for (std::size_t i = 1; i < after->inputs(); ++i) context.in[i] = buffers.in[i + 1];
      context.out = buffers.out[0];
      context.first_row = first_row;
      context.width = shape.n;
      context.after = after;
      epilogue.context = &context;
      epilogue.fn = [](void* p, std::int64_t begin, std::int64_t end) {
        const auto& c = *static_cast<const Context*>(p);
        c.after->run(c.in, c.out, (c.first_row + begin) * c.width, (c.first_row + end) * c.width);
      };
    }
    kernels::gemm(shape, x, y, out, epilogue, buffers.scratch);
  }

  bool transpose_a_, transpose_b_;
  Precision precision_;
  Program epilogue_;  // input 0: the product; input i: the op's input i + 1
  bool plain_;        // nothing follows
};

}  // namespace

Value matmul(Value a, Value b, bool transpose_a, bool transpose_b) {
  auto op = std::make_shared<MatMulOp>(transpose_a, transpose_b, a.graph().precision,
                                       MatMulOp::no_epilogue());
  return a.graph().apply(std::move(op), {a, b})[0];
}

}  // namespace keratin::ops
