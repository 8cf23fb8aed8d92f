// A few ops to try graphs and plans with, independent of src/ops.
#pragma once

#include <memory>
#include <vector>

#include "core/error.h"
#include "graph/op.h"

namespace keratin::test {

// c + the sum of its operands, all of one shape; float32. Fuses with what it takes in alone.
class SumOp : public Op {
 public:
  explicit SumOp(float c, bool overwrite = true) : c_(c), overwrite_(overwrite) {}
  std::string_view name() const override { return "sum"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    for (const Spec& s : in)
      require(s.shape == in[0].shape, "sum: shapes ", to_string(in[0].shape), " and ",
              to_string(s.shape));
    return {in[0]};
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return std::vector<Value>(node.inputs.size(), d_out[0]);
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const auto n = element_count(out[0].shape);
    const int count = static_cast<int>(in.size());
    return {[n, count, c = c_](const Buffers& b) {
      for (std::int64_t i = 0; i < n; ++i) {
        float sum = c;
        for (int k = 0; k < count; ++k) sum += b.input<float>(k)[i];
        b.output<float>(0)[i] = sum;
      }
    }};
  }
  bool may_overwrite(int) const override { return overwrite_; }
  std::shared_ptr<const Op> fuse(const Node&, const Node& producer) const override {
    const auto* other = dynamic_cast<const SumOp*>(producer.op.get());
    return other ? std::make_shared<SumOp>(c_ + other->c_, overwrite_) : nullptr;
  }

 private:
  float c_;
  bool overwrite_;
};

// The same elements in one row.
class FlatOp : public Op {
 public:
  std::string_view name() const override { return "flat"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const bool known = is_static(in[0].shape);
    return {{in[0].dtype, {known ? element_count(in[0].shape) : kUnknown}}};
  }
  Kernel bind(std::span<const Spec>, std::span<const Spec>) const override {
    fail(Code::kInternal, "a view was run");
  }
  bool is_view() const override { return true; }
};

// Ones of the shape of its operand, whose elements do not matter.
class OnesLikeOp : public Op {
 public:
  std::string_view name() const override { return "ones_like"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override { return {in[0]}; }
  Kernel bind(std::span<const Spec>, std::span<const Spec> out) const override {
    return {[n = element_count(out[0].shape)](const Buffers& b) {
      for (std::int64_t i = 0; i < n; ++i) b.output<float>(0)[i] = 1;
    }};
  }
  bool shape_only(int) const override { return true; }
};

// The total as a scalar; its gradient is d_out everywhere.
class TotalOp : public Op {
 public:
  std::string_view name() const override { return "total"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override { return {{in[0].dtype, {}}}; }
  std::vector<Value> gradient(const Node& node, std::span<const Value>) const override {
    return node.inputs[0].graph().apply(std::make_shared<OnesLikeOp>(), {node.inputs[0]});
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return {[n = element_count(in[0].shape)](const Buffers& b) {
              auto* scratch = static_cast<float*>(b.scratch);
              scratch[0] = 0;
              for (std::int64_t i = 0; i < n; ++i) scratch[0] += b.input<float>(0)[i];
              b.output<float>(0)[0] = scratch[0];
            },
            64};
  }
};

inline Value sum(std::vector<Value> operands, float c = 0, bool overwrite = true) {
  Graph& graph = operands[0].graph();
  return graph.apply(std::make_shared<SumOp>(c, overwrite), std::move(operands))[0];
}
inline Value add(Value a, Value b) { return sum({a, b}); }
inline Value flat(Value x) { return x.graph().apply(std::make_shared<FlatOp>(), {x})[0]; }
inline Value ones_like(Value x) { return x.graph().apply(std::make_shared<OnesLikeOp>(), {x})[0]; }
inline Value total(Value x) { return x.graph().apply(std::make_shared<TotalOp>(), {x})[0]; }

}  // namespace keratin::test
