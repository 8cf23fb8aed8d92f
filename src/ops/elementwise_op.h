// The op behind all elementwise functions: a program (kernels/program.h) over its inputs, which
// broadcast against one another. A function is a program of one instruction; fusion joins programs.
#pragma once

#include <array>
#include <string>

#include "graph/op.h"
#include "graph/rows.h"
#include "kernels/program.h"

namespace keratin::ops {

class ElementwiseOp : public Op {
 public:
  // An operand of a function: a value or a number.
  struct Argument {
    Argument(Value v);                 // NOLINT(google-explicit-constructor)
    Argument(double n) : number(n) {}  // NOLINT(google-explicit-constructor)
    Value value{};
    double number = 0;
  };
  // One function of its operands, of which at least one is a value.
  static Value apply(kernels::Fn fn, std::initializer_list<Argument> given);

  ElementwiseOp(kernels::Program program, std::string name);

  const kernels::Program& program() const { return program_; }

  std::string_view name() const override { return name_; }
  std::vector<Spec> infer(std::span<const Spec> in) const override;
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override;
  bool differentiable() const override;
  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override;
  bool is_view() const override;
  bool shape_only(int input) const override { return !program_.reads(input); }
  bool may_overwrite(int input) const override { return program_.reads(input); }
  std::shared_ptr<const Op> fuse(const Node& consumer, const Node& producer) const override;
  bool by_row(const Node& node) const override { return rows_line_up(node); }

 private:
  kernels::Program program_;
  std::string name_;
};

// A copy of its input without a gradient.
class StopGradientOp : public ElementwiseOp {
 public:
  StopGradientOp()
      : ElementwiseOp({1, {{kernels::Fn::copy, {kernels::Operand::input(0)}}}}, "stop_gradient") {}
  bool differentiable() const override { return false; }
};

// An op that applies a program to its one result while that is in cache.
class EpilogueOp : public Op {
 public:
  // Input 0 of the program is the op's own result; the others are the node's inputs from
  // first_extra on.
  virtual const kernels::Program& epilogue() const = 0;
  virtual std::shared_ptr<const Op> with_epilogue(kernels::Program program) const = 0;
};

// The gradient rule of one function: what reaches each operand (a null Value: nothing).
// `d` is the gradient of the loss by the function's result `out`; all have shapes that broadcast to
// out's.
std::array<Value, 3> elementwise_gradient(kernels::Fn fn, const std::array<Value, 3>& operands,
                                          Value out, Value d);
// Functions that are constant almost everywhere have no gradient rule.
bool has_gradient(kernels::Fn fn);

}  // namespace keratin::ops
