#include "nn/layers/inside.h"
#include "nn/layers/rnn.h"
#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// A recurrent layer forwards and another one backwards over the same sequence.
class Bidirectional : public Layer {
 public:
  std::optional<std::string> merge_mode = "concat";  // none: both outputs
  LayerPtr layer, backward_layer;                    // once configured, `layer` is the forward one

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    const LayerPtr given = layer;
    require_rnn(given, "layer");
    layer = renamed(*given, "forward_", false);
    if (!backward_layer) backward_layer = renamed(*given, "backward_", true);
    require_rnn(backward_layer, "backward_layer");
    RNN &forward = rnn(layer), &backward = rnn(backward_layer);
    require(forward.go_backwards != backward.go_backwards, "layer '", name,
            "' (Bidirectional): expected one of its layers to go_backwards, got ",
            forward.go_backwards ? "two" : "none");
    require(forward.return_sequences == backward.return_sequences &&
                forward.return_state == backward.return_state &&
                forward.stateful == backward.stateful,
            "layer '", name,
            "' (Bidirectional): expected its layers to have the same return_sequences, "
            "return_state and stateful");
    forward.zero_output_for_mask = forward.return_sequences;
    backward.zero_output_for_mask = backward.return_sequences;
  }

  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return {{"forward_layer", layer}, {"backward_layer", backward_layer}};
  }

  void build(std::span<const Shape> inputs) override {
    layer->ensure_built(inputs);
    backward_layer->ensure_built(inputs);
  }
  Json build_config() const override {
    return RNN::build_config_of(build_shapes(), initial_state_shapes_);
  }

  std::vector<std::string_view> call_parameters() const override {
    return {"sequences", "initial_state", "mask"};
  }
  bool supports_masking() const override { return true; }
  Value compute_mask(CallContext& context, std::span<const Value> inputs) const override {
    return rnn(layer).compute_mask(context, inputs);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const std::span<const Value> states = context.arguments.find("initial_state");
    require(states.size() % 2 == 0, "expected the initial states of both layers, got ",
            states.size(), " states");
    if (initial_state_shapes_.empty())
      for (const Value& state : states) initial_state_shapes_.push_back(state.shape());
    const Value mask = RNN::step_mask(context);
    const auto run = [&](const LayerPtr& one, std::span<const Value> half) {
      CallArguments arguments;
      if (!half.empty())
        arguments.tensors.emplace_back("initial_state",
                                       std::vector<Value>(half.begin(), half.end()));
      if (mask) arguments.tensors.emplace_back("mask", std::vector<Value>{mask});
      return one->apply(context, inputs, std::move(arguments));
    };
    const std::size_t half = states.size() / 2;
    const std::vector<Value> forward = run(layer, states.first(half)),
                             backward = run(backward_layer, states.subspan(half));
    const bool sequences = rnn(layer).return_sequences;
    std::vector<Value> outputs =
        merged(forward[0], sequences ? ops::flip(backward[0], 1) : backward[0]);
    if (sequences && !context.masks.empty())
      for (const Value& output : outputs) context.set_mask(output, context.masks[0]);
    outputs.insert(outputs.end(), forward.begin() + 1, forward.end());
    outputs.insert(outputs.end(), backward.begin() + 1, backward.end());
    return outputs;
  }

 private:
  static RNN& rnn(const LayerPtr& one) { return static_cast<RNN&>(*one); }

  void require_rnn(const LayerPtr& one, const char* attribute) const {
    require(dynamic_cast<RNN*>(one.get()), "layer '", name, "' (Bidirectional): ", attribute,
            ": expected a recurrent layer, got ", one ? one->info().name : "null");
  }

  // A layer of the same configuration and of the name with this in front, once.
  static LayerPtr renamed(const Layer& from, const std::string& prefix, bool go_backwards) {
    Json json = serialize(&from);
    Json& config = json["config"];
    config["name"] = from.name.starts_with(prefix) ? from.name : prefix + from.name;
    if (go_backwards) config["go_backwards"] = true;
    return deserialize_as<Layer>(json);
  }

  std::vector<Value> merged(Value y, Value y_back) const {
    if (!merge_mode) return {y, y_back};
    if (merge_mode == "concat") return {ops::concatenate({y, y_back}, int(y.rank()) - 1)};
    if (merge_mode == "mul") return {y * y_back};
    return {merge_mode == "sum" ? y + y_back : (y + y_back) / 2.0};
  }

  std::vector<Shape> initial_state_shapes_;  // where the first call gave an initial state
};

const ClassInfo& Bidirectional::describe() {
  static const ClassInfo info = [] {
    using C = Bidirectional;
    ClassInfo c = class_info<C>("layers", "Bidirectional", "keras.layers",
                                "A recurrent layer forwards and one backwards, merged.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("layer", &C::layer, "The recurrent layer; the forward one is its copy.")
             .required(),
         attribute<C>("merge_mode", &C::merge_mode, "How outputs are merged; null: both are given.")
             .one_of({"concat", "sum", "mul", "ave"}),
         attribute<C>("backward_layer", &C::backward_layer,
                      "The one that goes backwards; null: a copy of the other.")});
    c.attributes.back().get = [](const Object& object) {
      return serialize_built(static_cast<const C&>(object).backward_layer);
    };
    c.attributes[c.attributes.size() - 3].get = [](const Object& object) {
      return serialize_built(static_cast<const C&>(object).layer);
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Bidirectional);

}  // namespace
}  // namespace keratin
