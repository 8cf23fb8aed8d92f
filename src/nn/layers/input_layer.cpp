#include "nn/layers/input_layer.h"

namespace keratin {

void InputLayer::configured() {
  if (dtype.is_null()) dtype = "float32";  // whatever the policy: of what is fed
  Layer::configured();
  ensure_built({});  // built from the start, as in Keras
  require(!batch_shape || !shape, "layer '", name, "': give batch_shape or shape, not both");
  require(!batch_shape || !batch_size, "layer '", name,
          "': give batch_shape or batch_size, not both");
  require(batch_shape || shape, "layer '", name, "': an InputLayer needs batch_shape or shape");
  if (shape) {
    batch_shape = Extents{batch_size};
    batch_shape->insert(batch_shape->end(), shape->begin(), shape->end());
  }
  shape.reset();
  batch_size.reset();
  for (const auto& extent : *batch_shape)
    require(!extent || *extent >= 0, "layer '", name, "': expected extents of at least 0, got ",
            extent.value_or(0));

  sparse = sparse.value_or(false);
  ragged = ragged.value_or(false);
  if (*sparse || *ragged)
    fail(Code::kUnsupported, "layer '", name, "': sparse and ragged inputs are not supported");
  dtype = policy_name(dtype);
  dtype_named(dtype.get<std::string>());
}

Spec InputLayer::spec() const {
  Spec spec{dtype_named(policy_name(dtype)), {}};
  for (const auto& extent : *batch_shape) spec.shape.push_back(extent.value_or(kUnknown));
  return spec;
}

std::vector<Value> InputLayer::call(CallContext&, std::span<const Value>) {
  fail(Code::kState, "an input layer cannot be called");
}

const ClassInfo& InputLayer::describe() {
  static const ClassInfo info = [] {
    using C = InputLayer;
    ClassInfo c = class_info<C>("layers", "InputLayer", "keras.layers", "A placeholder for data.");
    c.attributes = {
        attribute<C>("batch_shape", &C::batch_shape, "Shape, batch axis included; null: any."),
        attribute<C>("dtype", &Layer::dtype, "Element type of what is fed."),
        attribute<C>("sparse", &C::sparse, "Whether sparse tensors are fed; only false."),
        attribute<C>("ragged", &C::ragged, "Whether ragged tensors are fed; only false."),
        name_attribute<C>(),
        attribute<C>("optional", &C::optional, "Whether nothing may be fed."),
        attribute<C>("shape", &C::shape, "Shape without the batch axis.").omitted_if_default(),
        attribute<C>("batch_size", &C::batch_size, "The batch axis, with `shape`.")
            .omitted_if_default(),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(InputLayer);

}  // namespace keratin
