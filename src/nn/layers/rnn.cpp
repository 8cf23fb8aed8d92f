#include "nn/layers/rnn.h"

#include <algorithm>

#include "nn/layers/inside.h"
#include "nn/layers/stacked_rnn_cells.h"
#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/shape.h"
#include "ops/stack.h"

namespace keratin {
namespace {

// Zeros [batch, shape...], with the batch of x.
Value zero_state(Value x, const Shape& shape, DType dtype) {
  Value one = x;
  for (int axis = 1; axis < int(x.rank()); ++axis) one = ops::slice(one, axis, 0, 1);
  const std::int64_t size = element_count(shape);
  const Value zero = ops::cast(ops::zeros_like(ops::reshape(one, {kUnknown, 1})), dtype);
  Shape all{x.shape()[0]};
  all.insert(all.end(), shape.begin(), shape.end());
  return ops::reshape(zero + x.graph().constant(Tensor(dtype, {size})), all);
}

// Of one step, with axes of 1 up to the rank of `like`.
Value mask_for(Value mask, Value like) {
  Shape shape(like.rank(), 1);
  shape[0] = kUnknown;
  return ops::reshape(ops::cast(mask, like.dtype()), shape);
}

Json to_json(const Shape& shape) {
  Json json = Json::array();
  for (const std::int64_t extent : shape)
    json.push_back(extent == kUnknown ? Json(nullptr) : Json(extent));
  return json;
}

}  // namespace

void RNN::configured() {
  Layer::configured();
  if (owns_cell_) {
    cell->name = to_snake_case(cell->info().name);
    cell->trainable = trainable;
    cell->dtype = dtype;
    cell->configured();
  }
  require(dynamic_cast<RnnCell*>(cell.get()), "layer '", name, "' (", info().name,
          "): expected a cell, got ", cell ? cell->info().name : "null");
}

void RNN::build(std::span<const Shape> inputs) {
  Shape shape = inputs[0];
  require(shape.size() >= 3, "expected an input of rank 3 or more, got shape ", to_string(shape));
  require(!stateful || shape[0] != kUnknown,
          "with stateful the batch size must be known, got shape ", to_string(shape));
  shape.erase(shape.begin() + 1);
  cell->ensure_built({&shape, 1});
}

Json RNN::build_config_of(const std::vector<Shape>& build_shapes,
                          const std::vector<Shape>& initial_state_shapes) {
  if (build_shapes.empty()) return nullptr;
  const Json sequences = to_json(build_shapes[0]);
  if (initial_state_shapes.empty()) return {{"input_shape", sequences}};
  Json states = Json::array();
  for (const Shape& shape : initial_state_shapes) states.push_back(to_json(shape));
  if (states.size() == 1) states = Json(states[0]);
  return {{"shapes_dict", {{"sequences_shape", sequences}, {"initial_state_shape", states}}}};
}

Json RNN::build_config() const { return build_config_of(build_shapes(), initial_state_shapes_); }

Value RNN::step_mask(const CallContext& context) {
  const bool carried = context.arguments.find("mask").empty();
  if (context.masks.empty() || (carried && !context.arguments.find("initial_state").empty()))
    return {};
  return context.masks[0];
}

Value RNN::compute_mask(CallContext& context, std::span<const Value> inputs) const {
  return return_sequences ? Layer::compute_mask(context, inputs) : Value{};
}

// Step by step, each a part of the graph.
RnnCell::Scan RNN::steps(CallContext& context, Value projected, std::vector<Value> states,
                         Value mask) {
  std::vector<Value> inputs = ops::unstack(projected, 1), masks, outputs;
  if (mask) masks = ops::unstack(mask, 1);
  if (go_backwards) {
    std::reverse(inputs.begin(), inputs.end());
    std::reverse(masks.begin(), masks.end());
  }
  const std::size_t output_state = step_cell().output_state();
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    RnnCell::Step step = step_cell().advance(context, inputs[t], states);
    if (mask) {
      const Value m = mask_for(masks[t], step.output);
      // What Keras gives for a masked step depends on unroll.
      Value masked = states[output_state];
      if (unroll ? t == 0 : zero_output_for_mask)
        masked = ops::zeros_like(step.output);
      else if (unroll)
        masked = outputs.back();
      step.output = ops::where(m, step.output, masked);
      for (std::size_t i = 0; i < states.size(); ++i)
        step.states[i] = ops::where(mask_for(masks[t], states[i]), step.states[i], states[i]);
    }
    outputs.push_back(step.output);
    states = std::move(step.states);
  }
  return {return_sequences ? ops::stack(outputs, 1) : outputs.back(), std::move(states)};
}

// From the outputs of all steps to what the layer gives.
void RNN::take_output(RnnCell::Scan& scan, Value mask) const {
  Value& y = scan.outputs;
  const bool zero = mask && zero_output_for_mask && !unroll;
  if (zero) {
    if (go_backwards) mask = ops::flip(mask, 1);
    y = ops::where(ops::expand_dims(ops::cast(mask, y.dtype()), 2), y, 0.0);
  }
  if (return_sequences) return;
  const std::int64_t time = y.shape()[1];
  y = zero ? ops::squeeze(ops::slice(y, 1, time - 1, time), 1)
           : scan.states[step_cell().output_state()];
}

std::vector<Value> RNN::call(CallContext& context, std::span<const Value> inputs) {
  const Value x = inputs[0];
  require(x.rank() >= 3, "expected an input of rank 3 or more, got shape ", to_string(x.shape()));
  const std::int64_t time = x.shape()[1];
  require(time != 0, "expected at least one step, got shape ", to_string(x.shape()));

  const std::vector<Shape> shapes = step_cell().state_shapes();
  const std::span<const Value> given = context.arguments.find("initial_state");
  require(given.empty() || given.size() == shapes.size(), "expected ", shapes.size(),
          " initial states, got ", given.size());
  std::vector<Value> states(given.begin(), given.end());
  // A stateful layer begins at zero, too: what a step leaves is not kept, as on Keras' JAX backend
  // in fit, evaluate and predict.
  if (given.empty())
    for (const Shape& shape : shapes) states.push_back(zero_state(x, shape, compute_dtype()));
  else if (initial_state_shapes_.empty())
    for (const Value& state : states) initial_state_shapes_.push_back(state.shape());

  const Value mask = step_mask(context);
  require(!mask || mask.rank() == 2, "expected a mask [batch, time], got shape ",
          mask ? to_string(mask.shape()) : "");
  const Value first = ops::squeeze(ops::slice(x, 1, 0, 1), 1);
  step_cell().begin(context, first, states);
  const Value projected = step_cell().project(context, x, true);
  RnnCell::Scan scan;
  // Unrolled, Keras gives zeros for masked steps before the first that counts, not the state.
  if (!(unroll && mask && !given.empty()))
    scan = step_cell().scan(context, projected, states, mask, go_backwards);
  if (scan.outputs)
    take_output(scan, mask);
  else if (time == kUnknown)
    fail(Code::kUnsupported, "with these arguments the number of steps must be known, got shape ",
         to_string(x.shape()));
  else
    scan = steps(context, projected, std::move(states), mask);
  step_cell().end();
  std::vector<Value> outputs{scan.outputs};
  if (return_state) outputs.insert(outputs.end(), scan.states.begin(), scan.states.end());
  return outputs;
}

void RNN::add_cell_attributes(ClassInfo& c, const ClassInfo& cell_info) {
  std::vector<Attribute> own = RNN::describe().attributes;
  std::erase_if(own, [](const Attribute& a) { return a.name == "cell"; });
  for (Attribute a : cell_info.attributes) {
    const auto same = std::find_if(
        own.begin(), own.end(), [&](const Attribute& of_layer) { return of_layer.name == a.name; });
    if (same != own.end()) {
      c.attributes.push_back(std::move(*same));
      own.erase(same);
      continue;
    }
    a.set = [set = a.set](Object& object, const Json& json) {
      set(*static_cast<RNN&>(object).cell, json);
    };
    a.get = [get = a.get](const Object& object) {
      return get(*static_cast<const RNN&>(object).cell);
    };
    c.attributes.push_back(std::move(a));
  }
  for (Attribute& a : own) c.attributes.push_back(std::move(a));
  for (Attribute& a : c.attributes)
    if (a.name == "activity_regularizer") a.omit_default = false;  // always written
  move_behind(c.attributes, "activity_regularizer", "bias_regularizer");
}

const ClassInfo& RNN::describe() {
  static const ClassInfo info = [] {
    using C = RNN;
    ClassInfo c =
        class_info<C>("layers", "RNN", "keras.layers", "Takes a cell through a sequence.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("cell", &C::cell, "The cell, or a list that is stacked.").required(),
         attribute<C>("return_sequences", &C::return_sequences,
                      "Whether the outputs of all steps are given, or that of the last."),
         attribute<C>("return_state", &C::return_state, "Whether the last states are given, too."),
         attribute<C>("go_backwards", &C::go_backwards,
                      "Whether the sequence is taken from its end; outputs stand in that order."),
         attribute<C>("stateful", &C::stateful,
                      "Only asks for a known batch size: each call begins at zero."),
         attribute<C>("unroll", &C::unroll,
                      "Masked steps before the first that counts give zeros."),
         attribute<C>("zero_output_for_mask", &C::zero_output_for_mask,
                      "Whether a masked step gives zeros, or the output before it.")});
    Attribute& cell = *std::find_if(c.attributes.begin(), c.attributes.end(),
                                    [](const Attribute& a) { return a.name == "cell"; });
    cell.get = [](const Object& object) {
      return serialize_built(static_cast<const C&>(object).cell);
    };
    cell.set = [](Object& object, const Json& json) {
      RNN& layer = static_cast<RNN&>(object);
      layer.cell = json.is_array() ? std::static_pointer_cast<Layer>(
                                         create("layers", "StackedRNNCells", {{"cells", json}}))
                                   : deserialize_as<Layer>(json);
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RNN);

}  // namespace keratin
