#include "nn/layers/rnn_cell.h"

#include <algorithm>

#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/random.h"
#include "ops/recurrent.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// What keeps an element is 1 over the chance of it, else 0; in the shape of `like`.
std::vector<Value> dropout_masks(const VariablePtr& seed_state, Value like, double rate,
                                 std::int64_t count) {
  std::vector<Value> masks;
  for (std::int64_t i = 0; i < count; ++i)
    masks.push_back(rate == 1 ? ops::zeros_like(like)
                              : ops::less(ops::random_uniform(seed_state, like), 1 - rate) *
                                    (1 / (1 - rate)));
  return masks;
}

}  // namespace

std::vector<Value> RnnCell::call(CallContext& context, std::span<const Value> inputs) {
  const std::span<const Value> states = context.arguments.find("states");
  require(states.size() == state_shapes().size(), "expected ", state_shapes().size(),
          " states, got ", states.size());
  begin(context, inputs[0], states);
  Step step = advance(context, project(context, inputs[0], false), states);
  end();
  std::vector<Value> all{step.output};
  all.insert(all.end(), step.states.begin(), step.states.end());
  return all;
}

SimpleRNNCell::SimpleRNNCell(DescribeFn describe, std::int64_t gates)
    : activation(tanh_activation()),
      recurrent_initializer(orthogonal()),
      describe_(describe),
      gates_(gates) {}

void SimpleRNNCell::configured() {
  Layer::configured();
  if (!activation) activation = linear();
  dropout = std::clamp(dropout, 0.0, 1.0);
  recurrent_dropout = std::clamp(recurrent_dropout, 0.0, 1.0);
  if ((dropout > 0 || recurrent_dropout > 0) && !seed_state()) add_seed_state(seed.value());
}

Tensor SimpleRNNCell::first_bias() const {
  return (*bias_initializer)({gates_ * units}, compute_dtype());
}

void SimpleRNNCell::build(std::span<const Shape> inputs) {
  const Shape& shape = inputs[0];
  require(shape.size() == 2, "expected the inputs of a step to have rank 2, got shape ",
          to_string(shape));
  kernel_ = add_weight("kernel", {shape.back(), gates_ * units}, kernel_initializer, true,
                       kernel_regularizer, kernel_constraint);
  recurrent_kernel_ = add_weight("recurrent_kernel", {units, gates_ * units}, recurrent_initializer,
                                 true, recurrent_regularizer, recurrent_constraint);
  add_bias();
}

void SimpleRNNCell::add_bias() {
  if (!use_bias) return;
  const Tensor first = first_bias();
  bias_ = add_weight("bias", first.shape(), zeros(), true, bias_regularizer, bias_constraint);
  bias_->value.assign(first);
}

void SimpleRNNCell::begin(CallContext& context, Value input, std::span<const Value> states) {
  end();
  if (!context.training) return;
  // Keras: the gated cells leave a rate of 1 without effect.
  const auto takes = [&](double rate) { return rate > 0 && (rate < 1 || gates_ == 1); };
  const std::int64_t count = dropout_by_gate() ? gates_ : 1;
  if (takes(dropout)) input_masks_ = dropout_masks(seed_state(), input, dropout, count);
  if (takes(recurrent_dropout))
    recurrent_masks_ = dropout_masks(seed_state(), states[0], recurrent_dropout, count);
}

void SimpleRNNCell::end() {
  input_masks_.clear();
  recurrent_masks_.clear();
}

Value SimpleRNNCell::dropped(Value x, const std::vector<Value>& masks, std::size_t gate,
                             bool all_steps) const {
  if (masks.empty()) return x;
  const Value mask = masks.size() == 1 ? masks[0] : masks[gate];
  return x * (all_steps ? ops::expand_dims(mask, 1) : mask);
}

std::vector<Value> SimpleRNNCell::split(Value x) const {
  const int axis = int(x.rank()) - 1;
  const std::int64_t width = x.shape().back() / units;
  std::vector<Value> parts;
  for (std::int64_t i = 0; i < width; ++i)
    parts.push_back(ops::slice(x, axis, i * units, (i + 1) * units));
  return parts;
}

Value SimpleRNNCell::product(Value x, Value kernel, const std::vector<Value>& masks,
                             bool all_steps) const {
  if (masks.size() <= 1) return ops::matmul(dropped(x, masks, 0, all_steps), kernel);
  std::vector<Value> products;
  const std::vector<Value> kernels = split(kernel);
  for (std::size_t gate = 0; gate < kernels.size(); ++gate)
    products.push_back(ops::matmul(dropped(x, masks, gate, all_steps), kernels[gate]));
  return ops::concatenate(products, int(x.rank()) - 1);
}

Value SimpleRNNCell::project(CallContext& context, Value inputs, bool all_steps) {
  const Value x = ops::cast(inputs, compute_dtype());
  const std::int64_t width = kernel_->value.shape()[0];
  require(x.shape().back() == width, "expected inputs with a last axis of ", width, ", got shape ",
          to_string(x.shape()));
  const Value z = product(x, context.graph.variable(kernel_), input_masks_, all_steps);
  return use_bias ? z + input_bias(context.graph) : z;
}

RnnCell::Step SimpleRNNCell::advance(CallContext& context, Value projected,
                                     std::span<const Value> states) {
  const Value recurrent =
      product(states[0], context.graph.variable(recurrent_kernel_), recurrent_masks_, false);
  const Value output = activate(activation, projected + recurrent);
  return {output, {output}};
}

std::optional<kernels::RecurrentShape> recurrent_form(kernels::RecurrentCell cell,
                                                      const ActivationPtr& activation,
                                                      const ActivationPtr& gate) {
  static constexpr const char* kNames[] = {"linear", "tanh", "sigmoid", "hard_sigmoid", "relu"};
  const auto find = [](const ActivationPtr& fn) {
    const Json json = serialize(fn.get());  // a bare name unless it has arguments of its own
    return std::find(std::begin(kNames), std::end(kNames), json.is_null() ? Json("linear") : json) -
           std::begin(kNames);
  };
  const auto own = find(activation), gates = find(gate);
  if (std::max(own, gates) == std::ssize(kNames)) return std::nullopt;
  return kernels::RecurrentShape{
      cell, kernels::RecurrentFn(own), kernels::RecurrentFn(gates), false, 0, 0, 0};
}

std::optional<kernels::RecurrentShape> SimpleRNNCell::form() const {
  return recurrent_form(kernels::RecurrentCell::kSimple, activation, activation);
}

RnnCell::Scan SimpleRNNCell::scan(CallContext& context, Value projected,
                                  std::span<const Value> states, Value mask, bool go_backwards) {
  std::optional<kernels::RecurrentShape> shape = form();
  if (!shape || !recurrent_masks_.empty()) return {};
  shape->go_backwards = go_backwards;
  Graph& graph = context.graph;
  const ops::RecurrentOutputs out =
      ops::recurrent({projected, graph.variable(recurrent_kernel_), states[0],
                      states.size() > 1 ? states[1] : Value{}, recurrent_bias(graph),
                      mask ? ops::cast(mask, projected.dtype()) : Value{}},
                     *shape, context.training);
  std::vector<Value> last{out.last_h};
  if (out.last_c) last.push_back(out.last_c);
  return {out.outputs, std::move(last)};
}

const ClassInfo& SimpleRNNCell::describe() {
  static const ClassInfo info = [] {
    using C = SimpleRNNCell;
    ClassInfo c = class_info<C>("layers", "SimpleRNNCell", "keras.layers",
                                "One step of SimpleRNN: the output is the state.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("units", &C::units, "Width of the output.").required().above(0),
         attribute<C>("activation", &C::activation, "Activation function; null: none."),
         attribute<C>("use_bias", &C::use_bias, "Whether a bias is added."),
         attribute<C>("kernel_initializer", &C::kernel_initializer, "Of the inputs' kernel."),
         attribute<C>("recurrent_initializer", &C::recurrent_initializer, "Of the state's kernel."),
         attribute<C>("bias_initializer", &C::bias_initializer, "Of the bias."),
         attribute<C>("kernel_regularizer", &C::kernel_regularizer,
                      "Penalty on the inputs' kernel."),
         attribute<C>("recurrent_regularizer", &C::recurrent_regularizer,
                      "Penalty on the state's kernel."),
         attribute<C>("bias_regularizer", &C::bias_regularizer, "Penalty on the bias."),
         attribute<C>("kernel_constraint", &C::kernel_constraint,
                      "Projection of the inputs' kernel."),
         attribute<C>("recurrent_constraint", &C::recurrent_constraint,
                      "Projection of the state's kernel."),
         attribute<C>("bias_constraint", &C::bias_constraint, "Projection of the bias."),
         attribute<C>("dropout", &C::dropout, "Part of the inputs that training sets to 0."),
         attribute<C>("recurrent_dropout", &C::recurrent_dropout,
                      "Part of the state that training sets to 0."),
         attribute<C>("seed", &C::seed, "Seed of the dropout; null: any.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SimpleRNNCell);

void move_behind(std::vector<Attribute>& attributes, std::string_view name,
                 std::string_view place) {
  const auto find = [&](std::string_view wanted) {
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const Attribute& a) { return a.name == wanted; });
    if (found == attributes.end()) fail(Code::kInternal, "there is no attribute '", wanted, "'");
    return found;
  };
  const auto moved = find(name), before = find(place);
  if (moved < before)
    std::rotate(moved, moved + 1, before + 1);
  else
    std::rotate(before + 1, moved, moved + 1);
}

}  // namespace keratin
