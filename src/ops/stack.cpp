#include "ops/stack.h"

#include <cstring>

#include "core/error.h"
#include "graph/op.h"
#include "ops/elementwise.h"

namespace keratin::ops {
namespace {

// The tensor that is whole: `rows` times `count` runs of `bytes`, the i-th of each row being of the
// i-th part.
struct Runs {
  std::int64_t rows;
  std::size_t count, bytes;
  Runs(const Spec& whole, std::size_t axis)
      : rows(product(whole.shape, 0, axis)),
        count(static_cast<std::size_t>(whole.shape[axis])),
        bytes(static_cast<std::size_t>(product(whole.shape, axis + 1, whole.shape.size())) *
              size_of(whole.dtype)) {}
};

class StackOp : public Op {
 public:
  explicit StackOp(std::size_t axis) : axis_(axis) {}
  std::string_view name() const override { return "stack"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    for (const Spec& spec : in)
      require(spec.dtype == in[0].dtype && compatible(spec.shape, in[0].shape),
              "stack: expected tensors of one dtype and shape, got shapes ", to_string(in[0].shape),
              " and ", to_string(spec.shape));
    Spec out = in[0];
    out.shape.insert(out.shape.begin() + std::ptrdiff_t(axis_), std::int64_t(in.size()));
    return {out};
  }
  std::vector<Value> gradient(const Node&, std::span<const Value> d_out) const override {
    return unstack(d_out[0], int(axis_));
  }
  Kernel bind(std::span<const Spec>, std::span<const Spec> out) const override {
    return {[runs = Runs(out[0], axis_)](const Buffers& b) {
      char* to = b.output<char>(0);
      for (std::int64_t row = 0; row < runs.rows; ++row)
        for (std::size_t i = 0; i < runs.count; ++i, to += runs.bytes)
          std::memcpy(to, b.input<char>(int(i)) + std::size_t(row) * runs.bytes, runs.bytes);
    }};
  }

 private:
  std::size_t axis_;
};

class UnstackOp : public Op {
 public:
  explicit UnstackOp(std::size_t axis) : axis_(axis) {}
  std::string_view name() const override { return "unstack"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const std::int64_t count = in[0].shape[axis_];
    require(count != kUnknown, "unstack: the extent of axis ", axis_, " of shape ",
            to_string(in[0].shape), " is not known");
    Spec out = in[0];
    out.shape.erase(out.shape.begin() + std::ptrdiff_t(axis_));
    return std::vector<Spec>(std::size_t(count), out);
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    std::vector<Value> all(d_out.begin(), d_out.end());
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!all[i]) all[i] = zeros_like(Value{const_cast<Node*>(&node), int(i)});
    return {stack(all, int(axis_))};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return {[runs = Runs(in[0], axis_)](const Buffers& b) {
      const char* from = b.input<char>(0);
      for (std::int64_t row = 0; row < runs.rows; ++row)
        for (std::size_t i = 0; i < runs.count; ++i, from += runs.bytes)
          std::memcpy(b.output<char>(int(i)) + std::size_t(row) * runs.bytes, from, runs.bytes);
    }};
  }

 private:
  std::size_t axis_;
};

}  // namespace

Value stack(const std::vector<Value>& values, int axis) {
  require(!values.empty(), "stack: expected at least one tensor");
  const int place = normalize_axis(axis, values[0].rank() + 1);
  return values[0].graph().apply(std::make_shared<StackOp>(std::size_t(place)), values)[0];
}

std::vector<Value> unstack(Value x, int axis) {
  const int place = normalize_axis(axis, x.rank());
  return x.graph().apply(std::make_shared<UnstackOp>(std::size_t(place)), {x});
}

}  // namespace keratin::ops
