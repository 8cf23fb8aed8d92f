// Activations as ops by name.
#include "nn/activations/activation.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"

namespace keratin {
namespace {

using ops::OpCall;
using ops::OpRow;
using ops::Values;

// Integers stay integers.
Values rectified(const OpCall& call) {
  const Value x = call.value();
  const auto made = create("activations", call.op().name, Json::object());
  return {ops::cast(static_cast<const Activation&>(*made).call(ops::widened(x)), x.dtype())};
}

// The activation of the op's name.
Values activation(const OpCall& call) {
  Json config = Json::object();
  for (const ops::NamedAttribute& attribute : call.op().attributes)
    config[attribute.name] = call[attribute.name.c_str()];
  const auto made = create("activations", call.op().name, config);
  return {static_cast<const Activation&>(*made).call(call.floating())};
}

// keras.activations.relu, where it is called with more than x.
Values relu_layer(const OpCall& call) {
  const auto made = create("activations", "relu", call.attributes());
  return {static_cast<const Activation&>(*made).call(call.floating())};
}

constexpr OpRow kRows[] = {
    {"relu", "nn.Relu", "x", "The larger of x and 0.", rectified},
    {"relu6", "nn.Relu6", "x", "x held within 0 and 6.", activation},
    {"ReLU", "keras.src.activations.activations.ReLU",
     "x; negative_slope: float = 0.0; max_value: float? = null; threshold: float = 0.0",
     "relu with a slope below a threshold, and a bound.", relu_layer},
    {"leaky_relu", "nn.LeakyRelu", "x; negative_slope: float = 0.2",
     "x above 0, negative_slope x below.", activation},
    {"sigmoid", "nn.Sigmoid", "x", "1 / (1 + exp(-x))", activation},
    {"log_sigmoid", "nn.LogSigmoid", "x", "Logarithm of sigmoid.", activation},
    {"hard_sigmoid", "nn.HardSigmoid", "x", "x / 6 + 1/2, held within 0 and 1.", activation},
    {"sparse_sigmoid", "nn.SparseSigmoid", "x", "(x + 1) / 2, held within 0 and 1.", activation},
    {"silu", "nn.Silu", "x", "x sigmoid(x)", activation},
    {"hard_silu", "nn.HardSilu", "x", "x hard_sigmoid(x)", activation},
    {"swish", "nn.Silu", "x", "silu by its other name.", activation},
    {"hard_swish", "nn.HardSilu", "x", "hard_silu by its other name.", activation},
    {"softplus", "nn.Softplus", "x", "log(1 + exp(x))", activation},
    {"sparse_plus", "nn.SparsePlus", "x", "0 below -1, x above 1, a parabola between.", activation},
    {"squareplus", "nn.Squareplus", "x; b: float = 4", "(x + sqrt(x^2 + b)) / 2", activation},
    {"softsign", "nn.Softsign", "x", "x / (|x| + 1)", activation},
    {"hard_tanh", "nn.HardTanh", "x", "x held within -1 and 1.", activation},
    {"tanh_shrink", "nn.TanhShrink", "x", "x - tanh(x)", activation},
    {"soft_shrink", "nn.SoftShrink", "x; threshold: float = 0.5",
     "x drawn towards 0 by the threshold.", activation},
    {"hard_shrink", "nn.HardShrink", "x; threshold: float = 0.5", "x, but 0 within the threshold.",
     activation},
    {"threshold", "nn.Threshold", "x; threshold: float; default_value: float",
     "x above the threshold, else default_value.", activation},
    {"elu", "nn.Elu", "x; alpha: float = 1.0", "x above 0, alpha (exp(x) - 1) below.", activation},
    {"celu", "nn.Celu", "x; alpha: float = 1.0", "elu that is smooth for every alpha.", activation},
    {"selu", "nn.Selu", "x", "elu scaled so that networks normalise themselves.", activation},
    {"gelu", "nn.Gelu", "x; approximate: bool = true",
     "x times the normal distribution function of x.", activation},
    {"glu", "nn.Glu", "x; axis: int = -1", "One half times the sigmoid of the other.", activation},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin
