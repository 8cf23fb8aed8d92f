#include "nn/layers/operation.h"

#include "ops/named.h"

namespace keratin {

void Operation::configured() {
  const ops::NamedOp& found = ops::find_op(op);
  if (name.empty()) name = unique_name(found.name);
  Layer::configured();
}

std::pair<int, int> Operation::input_count() const {
  const ops::NamedOp& found = ops::find_op(op);
  return {1, found.most()};
}

std::vector<Value> Operation::call(CallContext&, std::span<const Value> inputs) {
  return ops::call_named(op, inputs, attributes);
}

const ClassInfo& Operation::describe() {
  static const ClassInfo info = [] {
    using C = Operation;
    ClassInfo c = class_info<C>("layers", "Operation", "keratin.layers",
                                "An op of keras.ops as a layer; saved as Keras saves ops.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("op", &C::op, "Name of the op.").required());
    c.attributes.push_back(attribute<C>("attributes", &C::attributes, "Of the op; null: none."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Operation);

}  // namespace keratin
