// Layers of the host program.
#include "capi/custom.h"
#include "capi/scope.h"
#include "nn/layers/layer.h"

namespace keratin::capi {
namespace {

struct Definition {
  kt_custom_layer f;
  const ClassInfo* info = nullptr;  // as registered
};

// What kt_scope_add_weight's options say.
struct WeightOptions {
  InitializerPtr initializer;
  RegularizerPtr regularizer;
  ConstraintPtr constraint;
  bool trainable = true;

  explicit WeightOptions(const Json& json) {
    require(json.is_object(), "options: expected an object, got ", json.dump());
    for (const auto& [key, value] : json.items()) {
      if (key == "initializer")
        initializer = JsonTraits<InitializerPtr>::read(value);
      else if (key == "regularizer")
        regularizer = JsonTraits<RegularizerPtr>::read(value);
      else if (key == "constraint")
        constraint = JsonTraits<ConstraintPtr>::read(value);
      else if (key == "trainable")
        trainable = JsonTraits<bool>::read(value);
      else
        fail(Code::kInvalidArgument, "options: unknown key '", key, "'");
    }
  }
};

class CustomLayer : public Layer, public CustomAttributes {
 public:
  CustomLayer() = default;
  explicit CustomLayer(std::shared_ptr<const Definition> definition)
      : definition_(std::move(definition)) {}

  const ClassInfo& info() const override { return *definition_->info; }

  std::pair<int, int> input_count() const override {
    return {int(definition_->f.min_inputs), int(definition_->f.max_inputs)};
  }

  void build(std::span<const Shape> inputs) override {
    const kt_custom_layer& f = definition_->f;
    if (!f.build) return;
    kt_scope scope(*this);
    scope.add_weight = [this](const char* weight_name, Shape shape, const Json& json) {
      require(!find(weight_name), "there is a weight '", weight_name, "' already");
      WeightOptions options(json);
      add_weight(weight_name, std::move(shape), options.initializer, options.trainable,
                 std::move(options.regularizer), std::move(options.constraint));
    };
    std::vector<const std::int64_t*> shapes;
    std::vector<std::size_t> ranks;
    for (const Shape& shape : inputs) {
      shapes.push_back(shape.data());
      ranks.push_back(shape.size());
    }
    rethrow(f.build(f.context, &scope, shapes.data(), ranks.data(), shapes.size()));
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const kt_custom_layer& f = definition_->f;
    kt_scope scope(*this, context.training);
    scope.weight = [&](const char* weight_name) {
      const VariablePtr variable = found(weight_name);
      const Value pending = context.graph.assigned(variable);
      return pending ? pending : context.graph.variable(variable);
    };
    if (context.training)
      scope.assign = [&](const char* weight_name, Value value) {
        const VariablePtr variable = found(weight_name);
        require(!variable->trainable, "the weight '", weight_name, "' is trainable");
        require(
            value.dtype() == variable->value.dtype() && value.shape() == variable->value.shape(),
            "the weight '", weight_name, "': expected ", name_of(variable->value.dtype()), " ",
            to_string(variable->value.shape()), ", got ", name_of(value.dtype()), " ",
            to_string(value.shape()));
        context.graph.assign(variable, value);
      };
    scope.add_loss = [&](Value loss) {
      require(loss.shape().empty(), "add_loss: expected a scalar, got ", to_string(loss.shape()));
      context.losses.push_back(loss);
    };
    return compose(scope, inputs, f.n_outputs, [&](kt_symbolic* const* in, kt_symbolic** out) {
      return f.call(f.context, &scope, in, inputs.size(), out);
    });
  }

 private:
  VariablePtr find(const std::string& weight_name) const {
    for (const Weight& weight : own_weights())
      if (weight.variable->name == weight_name) return weight.variable;
    return nullptr;
  }
  VariablePtr found(const std::string& weight_name) const {
    VariablePtr variable = find(weight_name);
    if (!variable) fail(Code::kNotFound, "there is no weight '", weight_name, "'");
    return variable;
  }

  std::shared_ptr<const Definition> definition_;
};

}  // namespace
}  // namespace keratin::capi

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_register_layer(const kt_custom_layer* layer) {
  return guard([&] {
    constexpr std::size_t kMost = 1024;
    const kt_custom_layer f = read_struct(&need(layer, "layer"), KT_CUSTOM_LAYER_INIT, "layer");
    require(f.name && *f.name, "layer->name is NULL or empty");
    require(f.call != nullptr, "layer->call is NULL");
    require(f.min_inputs >= 1 && f.min_inputs <= f.max_inputs && f.max_inputs <= kMost, "layer '",
            f.name, "': min_inputs ", f.min_inputs, ", max_inputs ", f.max_inputs,
            "; expected 1 or more, ascending");
    require(f.n_outputs >= 1 && f.n_outputs <= kMost, "layer '", f.name, "': n_outputs ",
            f.n_outputs);
    auto definition = std::make_shared<Definition>();
    definition->f = f;
    ClassInfo info = class_info<CustomLayer>("layers", f.name, "custom", text_of(f.doc));
    info.attributes = Layer::base_attributes<CustomLayer>();
    for (Attribute& a : custom_attributes<CustomLayer>(declared_attributes(f.attributes))) {
      require(!info.find(a.name), "layer '", f.name, "': every layer has an attribute '", a.name,
              "'");
      info.attributes.push_back(std::move(a));
    }
    info.registered_name = f.name;
    info.make = [definition]() -> std::shared_ptr<Object> {
      return std::make_shared<CustomLayer>(definition);
    };
    definition->info = &add_class(std::move(info));
  });
}
