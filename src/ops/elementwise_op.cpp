#include "ops/elementwise_op.h"

#include "core/error.h"
#include "kernels/elementwise.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin::ops {

using kernels::Elementwise;
using kernels::Fn;
using kernels::Operand;
using kernels::Program;

ElementwiseOp::ElementwiseOp(Program program, std::string name)
    : program_(std::move(program)), name_(std::move(name)) {}

std::vector<Spec> ElementwiseOp::infer(std::span<const Spec> in) const {
  require(static_cast<int>(in.size()) == program_.inputs, name_, ": expected ", program_.inputs,
          " operands, got ", in.size());
  Spec out = in[0];
  for (const Spec& spec : in) {
    require(is_floating(spec.dtype), name_, ": expected float32 or float64, got ",
            keratin::name_of(spec.dtype));
    require(spec.dtype == out.dtype, name_, ": operands must have one dtype, got ",
            keratin::name_of(out.dtype), " and ", keratin::name_of(spec.dtype));
    try {
      out.shape = broadcast_shapes(out.shape, spec.shape);
    } catch (const Error& error) {
      fail(error.code(), name_, ": ", error.what());
    }
  }
  return {out};
}

bool ElementwiseOp::differentiable() const {
  return program_.code.size() != 1 || has_gradient(program_.code[0].fn);
}

bool ElementwiseOp::is_view() const {
  return program_.inputs == 1 && program_.code.size() == 1 && program_.code[0].fn == Fn::copy &&
         program_.code[0].operands[0] == Operand::input(0);
}

std::vector<Value> ElementwiseOp::gradient(const Node& node, std::span<const Value> d_out) const {
  if (program_.code.size() != 1)
    fail(Code::kInternal, "op '", name_, "' is fused: its gradient comes too late");
  const kernels::Instruction& instruction = program_.code[0];
  const int arity = std::min(kernels::arity(instruction.fn), 3);
  const Value out{const_cast<Node*>(&node), 0};

  std::array<Value, 3> operands;
  for (int k = 0; k < arity; ++k) {
    const Operand& operand = instruction.operands[k];
    operands[static_cast<std::size_t>(k)] =
        operand.kind == Operand::Kind::kInput ? node.inputs[static_cast<std::size_t>(operand.index)]
                                              : node.graph->constant(operand.number, out.dtype());
  }
  const std::array<Value, 3> d = elementwise_gradient(instruction.fn, operands, out, d_out[0]);

  std::vector<Value> d_in(node.inputs.size());
  for (int k = 0; k < arity; ++k) {
    const Operand& operand = instruction.operands[k];
    const Value& part = d[static_cast<std::size_t>(k)];
    if (!part || operand.kind != Operand::Kind::kInput) continue;
    Value& sum = d_in[static_cast<std::size_t>(operand.index)];
    sum = sum ? add(sum, part) : part;
  }
  for (std::size_t i = 0; i < d_in.size(); ++i)
    if (d_in[i]) d_in[i] = sum_to_like(d_in[i], node.inputs[i]);
  return d_in;
}

Kernel ElementwiseOp::bind(std::span<const Spec> in, std::span<const Spec> out) const {
  std::vector<Shape> shapes;
  for (const Spec& spec : in) shapes.push_back(spec.shape);
  auto kernel = std::make_shared<const Elementwise>(program_, out[0].dtype, shapes, out[0].shape);
  return {[kernel = std::move(kernel)](const Buffers& b) { kernel->run(b.in, b.out[0]); }};
}

std::shared_ptr<const Op> ElementwiseOp::fuse(const Node& consumer, const Node& producer) const {
  const auto* elementwise = dynamic_cast<const ElementwiseOp*>(producer.op.get());
  const auto* host = dynamic_cast<const EpilogueOp*>(producer.op.get());
  if ((!elementwise && !host) || !(producer.outputs[0] == consumer.outputs[0])) return nullptr;

  const Program& before = elementwise ? elementwise->program() : host->epilogue();
  std::vector<int> place;
  int inputs = before.inputs;
  for (const Value& input : consumer.inputs)
    place.push_back(input.node == &producer ? -1 : inputs++);
  Program joined = join(before, program_, place, inputs);
  int reads = 0;
  for (int i = 0; i < inputs; ++i) reads += joined.reads(i);
  if (reads > Elementwise::kMaxInputs || inputs > 2 * Elementwise::kMaxInputs ||
      joined.code.size() > Elementwise::kMaxCode)
    return nullptr;
  if (elementwise)
    return std::make_shared<ElementwiseOp>(std::move(joined), elementwise->name_ + "+" + name_);
  return joined.reads(0) ? host->with_epilogue(std::move(joined)) : nullptr;
}

}  // namespace keratin::ops
