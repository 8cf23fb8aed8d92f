#include "nn/layers/rnn_cell.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/shape.h"

namespace keratin {

GRUCell::GRUCell() : SimpleRNNCell(&describe, 3), recurrent_activation(sigmoid_activation()) {}

Tensor GRUCell::first_bias() const {
  if (!reset_after) return SimpleRNNCell::first_bias();
  return (*bias_initializer)({2, 3 * units}, compute_dtype());
}

Value GRUCell::bias_row(Graph& graph, std::int64_t row) const {
  return ops::squeeze(ops::slice(graph.variable(bias_), 0, row, row + 1), 0);
}

Value GRUCell::input_bias(Graph& graph) const {
  return reset_after ? bias_row(graph, 0) : graph.variable(bias_);
}

RnnCell::Step GRUCell::advance(CallContext& context, Value projected,
                               std::span<const Value> states) {
  Graph& graph = context.graph;
  const Value h_before = states[0], kernel = graph.variable(recurrent_kernel_);
  const std::vector<Value> x = split(projected);
  const auto gate = [&](Value z) { return activate(recurrent_activation, z); };
  Value z, candidate;
  if (reset_after) {
    Value recurrent = product(h_before, kernel, recurrent_masks_, false);
    if (use_bias) recurrent = recurrent + bias_row(graph, 1);
    const std::vector<Value> parts = split(recurrent);
    z = gate(x[0] + parts[0]);
    candidate = x[2] + gate(x[1] + parts[1]) * parts[2];
  } else {
    const std::vector<Value> kernels = split(kernel);
    const auto recurrent = [&](std::size_t i, Value h) {
      return ops::matmul(dropped(h, recurrent_masks_, i, false), kernels[i]);
    };
    z = gate(x[0] + recurrent(0, h_before));
    const Value r = gate(x[1] + recurrent(1, h_before));
    candidate = x[2] + recurrent(2, r * h_before);
  }
  const Value h = z * h_before + (1.0 - z) * activate(activation, candidate);
  return {h, {h}};
}

std::optional<kernels::RecurrentShape> GRUCell::form() const {
  return recurrent_form(
      reset_after ? kernels::RecurrentCell::kGru : kernels::RecurrentCell::kGruBefore, activation,
      recurrent_activation);
}

const ClassInfo& GRUCell::describe() {
  static const ClassInfo info = [] {
    using C = GRUCell;
    ClassInfo c = class_info<C>("layers", "GRUCell", "keras.layers",
                                "One step of GRU: the output is the state.");
    c.attributes = SimpleRNNCell::describe().attributes;
    c.attributes.push_back(attribute<C>("recurrent_activation", &C::recurrent_activation,
                                        "Activation function of the gates; null: none."));
    c.attributes.push_back(
        attribute<C>("reset_after", &C::reset_after,
                     "Whether the reset gate acts after the product with the state."));
    move_behind(c.attributes, "recurrent_activation", "activation");
    move_behind(c.attributes, "reset_after", "recurrent_dropout");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(GRUCell);

}  // namespace keratin
