#include "ops/softmax.h"

#include "core/threads.h"
#include "kernels/softmax.h"
#include "ops/along_axis.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

enum class Kind { kSoftmax, kLogSoftmax };

constexpr std::int64_t kPiece = 8 * 1024;  // elements worth giving to a thread

template <class T>
void run_row(Kind kind, const T* x, std::int64_t n, T* out) {
  switch (kind) {
    case Kind::kSoftmax:
      return kernels::softmax(x, n, out);
    case Kind::kLogSoftmax:
      return kernels::log_softmax(x, n, out);
  }
}

class SoftmaxOp : public AlongAxisOp<SoftmaxOp> {
 public:
  SoftmaxOp(Kind kind, int axis) : AlongAxisOp(axis), kind_(kind) {}

  std::string_view name() const override {
    return kind_ == Kind::kSoftmax ? "softmax" : "log_softmax";
  }
  bool may_overwrite(int) const override { return true; }

  bool by_row(const Node& node) const override {
    return axis_ != 0 && axis_ != -int(node.outputs[0].shape.size());
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value out{const_cast<Node*>(&node), 0}, d = d_out[0];
    switch (kind_) {
      case Kind::kSoftmax:
        return {out * (d - sum(d * out, {axis_}, true))};
      case Kind::kLogSoftmax:
        return {d - exp(out) * sum(d, {axis_}, true)};
    }
    return {};
  }

  template <class T>
  Kernel bind_lines(const Lines& lines) const {
    const std::int64_t n = lines.n, inner = lines.inner, rows = lines.count();
    if (rows * n == 0) return {[](const Buffers&) {}};
    if (inner == 1) {
      const std::int64_t batch = std::max<std::int64_t>(1, kPiece / n);
      return {[=, kind = kind_](const Buffers& b) {
        const T* x = b.input<T>(0);
        T* out = b.output<T>(0);
        parallel_for((rows + batch - 1) / batch, [=](std::int64_t piece) {
          for (std::int64_t i = piece * batch; i < std::min(rows, (piece + 1) * batch); ++i)
            run_row<T>(kind, x + i * n, n, out + i * n);
        });
      }};
    }
    // Each line along the axis is brought together in scratch memory, done there, and put back.
    return {[=, kind = kind_](const Buffers& b) {
              T* line = static_cast<T*>(b.scratch);
              for (std::int64_t i = 0; i < rows; ++i) {
                const std::int64_t first = lines.first(i);
                const T* x = b.input<T>(0) + first;
                T* out = b.output<T>(0) + first;
                for (std::int64_t k = 0; k < n; ++k) line[k] = x[k * inner];
                run_row<T>(kind, line, n, line);
                for (std::int64_t k = 0; k < n; ++k) out[k * inner] = line[k];
              }
            },
            static_cast<std::size_t>(n) * sizeof(T)};
  }

 private:
  Kind kind_;
};

Value apply(Kind kind, Value x, int axis) {
  return x.graph().apply(std::make_shared<SoftmaxOp>(kind, axis), {x})[0];
}

}  // namespace

Value softmax(Value x, int axis) { return apply(Kind::kSoftmax, x, axis); }
Value log_softmax(Value x, int axis) { return apply(Kind::kLogSoftmax, x, axis); }

}  // namespace keratin::ops
