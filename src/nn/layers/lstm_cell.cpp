#include <algorithm>

#include "nn/layers/rnn_cell.h"
#include "ops/elementwise.h"

namespace keratin {

LSTMCell::LSTMCell(DescribeFn describe)
    : SimpleRNNCell(describe, 4), recurrent_activation(sigmoid_activation()) {}

Tensor LSTMCell::first_bias() const {
  const DType dtype = compute_dtype();
  if (!unit_forget_bias) return SimpleRNNCell::first_bias();
  Tensor bias(dtype, {4 * units});
  bias.rows(0, units).assign((*bias_initializer)({units}, dtype));
  bias.rows(units, 2 * units).assign((*ones())({units}, dtype));
  bias.rows(2 * units, 4 * units).assign((*bias_initializer)({2 * units}, dtype));
  return bias;
}

RnnCell::Step LSTMCell::gated(Value z, Value c_before) const {
  const std::vector<Value> parts = split(z);
  const Value i = activate(recurrent_activation, parts[0]);
  const Value f = activate(recurrent_activation, parts[1]);
  const Value c = f * c_before + i * activate(activation, parts[2]);
  const Value o = activate(recurrent_activation, parts[3]);
  const Value h = o * activate(activation, c);
  return {h, {h, c}};
}

RnnCell::Step LSTMCell::advance(CallContext& context, Value projected,
                                std::span<const Value> states) {
  const Value recurrent =
      product(states[0], context.graph.variable(recurrent_kernel_), recurrent_masks_, false);
  return gated(projected + recurrent, states[1]);
}

std::optional<kernels::RecurrentShape> LSTMCell::form() const {
  return recurrent_form(kernels::RecurrentCell::kLstm, activation, recurrent_activation);
}

const ClassInfo& LSTMCell::describe() {
  static const ClassInfo info = [] {
    using C = LSTMCell;
    ClassInfo c = class_info<C>("layers", "LSTMCell", "keras.layers",
                                "One step of LSTM: output and memory are the states.");
    c.attributes = SimpleRNNCell::describe().attributes;
    c.attributes.push_back(attribute<C>("recurrent_activation", &C::recurrent_activation,
                                        "Activation function of the gates; null: none."));
    c.attributes.push_back(attribute<C>("unit_forget_bias", &C::unit_forget_bias,
                                        "Whether the forget gate's bias begins at 1."));
    move_behind(c.attributes, "recurrent_activation", "activation");
    move_behind(c.attributes, "unit_forget_bias", "bias_initializer");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LSTMCell);

}  // namespace keratin
