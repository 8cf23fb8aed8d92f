#include "capi/symbolic.h"

#include "capi/handles.h"
#include "nn/layers/layer.h"
#include "ops/named.h"

namespace keratin::capi {

kt_symbolic* make_symbolic(KerasTensor tensor) {
  Spec spec = tensor.spec();
  return new kt_symbolic{std::move(tensor), {}, {}, std::move(spec)};
}

kt_symbolic* make_symbolic(Value value, std::shared_ptr<const Call> call) {
  return new kt_symbolic{{}, value, std::move(call), value.spec()};
}

std::vector<KerasTensor> keras_tensors_of(kt_symbolic* const* symbolics, std::size_t count,
                                          const char* name) {
  check_list(symbolics, count, name);
  std::vector<KerasTensor> tensors;
  for (std::size_t i = 0; i < count; ++i) {
    require(symbolics[i] != nullptr, name, "[", i, "] is NULL");
    if (symbolics[i]->call)
      fail(Code::kState, name, "[", i,
           "] is a value of a custom call, where only ops can be applied, not a tensor of a "
           "functional model");
    tensors.push_back(symbolics[i]->tensor);
  }
  return tensors;
}

Value value_of(const kt_symbolic* symbolic, const Call* call, const char* name) {
  require(symbolic != nullptr, "the argument '", name, "' is NULL");
  if (!symbolic->call)
    fail(Code::kState, name, ": a tensor of a functional model, not a value of this custom call");
  if (symbolic->call->over)
    fail(Code::kState, name, ": the custom call that the value belongs to is over");
  if (symbolic->call.get() != call) fail(Code::kState, name, ": a value of another custom call");
  return symbolic->value;
}

namespace {

using Made = std::vector<std::unique_ptr<kt_symbolic>>;

// In a functional model an op is a layer.
std::vector<KerasTensor> call_op(const char* name, const std::vector<KerasTensor>& inputs,
                                 Json attributes) {
  const Json config{{"op", name}, {"attributes", std::move(attributes)}};
  return call_layer(std::static_pointer_cast<Layer>(create("layers", "Operation", config)), inputs);
}

Made results_of(const char* name, kt_symbolic* const* inputs, std::size_t n_inputs,
                const char* attributes) {
  need(name, "name");
  need(inputs, "inputs");
  require(n_inputs > 0, "n_inputs: expected at least one");
  Json json = json_of(attributes, "attributes");
  const auto call = need(inputs[0], "inputs[0]").call;
  Made made;
  if (!call) {
    for (KerasTensor& tensor :
         call_op(name, keras_tensors_of(inputs, n_inputs, "inputs"), std::move(json)))
      made.emplace_back(make_symbolic(std::move(tensor)));
    return made;
  }
  std::vector<Value> values;
  for (size_t i = 0; i < n_inputs; ++i) values.push_back(value_of(inputs[i], call.get(), "inputs"));
  for (const Value& value : ops::call_named(name, values, json))
    made.emplace_back(make_symbolic(value, call));
  return made;
}

}  // namespace
}  // namespace keratin::capi

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_input(const int64_t* shape, size_t rank, kt_dtype dtype, const char* name,
                   kt_symbolic** input) {
  return give(input, "input", [&] {
    return make_symbolic(
        make_input(shape_of(shape, rank, true), dtype_of_code(dtype), text_of(name)));
  });
}

kt_error* kt_op_call(const char* name, kt_symbolic* const* inputs, size_t n_inputs,
                     const char* attributes, kt_symbolic** output) {
  return give(output, "output", [&] {
    Made made = results_of(name, inputs, n_inputs, attributes);
    if (made.size() != 1)
      fail(Code::kUnsupported, "op '", name, "' gives ", made.size(),
           " tensors: call it by kt_op_call_all");
    return made[0].release();
  });
}

kt_error* kt_op_call_all(const char* name, kt_symbolic* const* inputs, size_t n_inputs,
                         const char* attributes, kt_symbolic** outputs, size_t capacity,
                         size_t* n_outputs) {
  if (n_outputs) *n_outputs = 0;
  return give_all(outputs, capacity, "outputs", [&] {
    size_t& count = need(n_outputs, "n_outputs");
    Made made = results_of(name, inputs, n_inputs, attributes);
    require(made.size() <= capacity, "op '", name, "' gives ", made.size(),
            " tensors, capacity is ", capacity);
    for (size_t i = 0; i < made.size(); ++i) outputs[i] = made[i].release();
    count = made.size();
  });
}

kt_error* kt_ops(char** json) {
  return give(json, "json", [&] {
    Json list = Json::array();
    for (const ops::NamedOp& op : ops::named_ops()) {
      Json attributes = Json::array();
      for (const ops::NamedAttribute& a : op.attributes) {
        Json attribute{{"name", a.name}, {"type", a.type}};
        if (!a.default_value.is_discarded()) attribute["default"] = a.default_value;
        attributes.push_back(std::move(attribute));
      }
      Json arguments = Json::array();
      for (const ops::NamedArgument& a : op.arguments) {
        Json argument{{"name", a.name}};
        if (a.kind != ops::NamedArgument::Kind::kTensor) argument["list"] = true;
        if (a.kind == ops::NamedArgument::Kind::kVariadic) argument["variadic"] = true;
        if (!a.default_value.is_discarded()) argument["default"] = a.default_value;
        arguments.push_back(std::move(argument));
      }
      list.push_back({{"name", op.name},
                      {"doc", op.doc},
                      {"inputs", {op.least(), op.most()}},
                      {"arguments", std::move(arguments)},
                      {"attributes", std::move(attributes)}});
    }
    return make_string(list);
  });
}

kt_error* kt_constant(const kt_tensor* value, const kt_symbolic* like, kt_symbolic** constant) {
  return give(constant, "constant", [&] {
    const Tensor& tensor = need(value, "value").tensor;
    const Value near = value_of(like, need(like, "like").call.get(), "like");
    return make_symbolic(near.graph().constant(tensor.clone()), like->call);
  });
}

kt_dtype kt_symbolic_dtype(const kt_symbolic* symbolic) {
  return look(symbolic, [](const kt_symbolic& s) { return static_cast<kt_dtype>(s.spec.dtype); });
}

size_t kt_symbolic_rank(const kt_symbolic* symbolic) {
  return look(symbolic, [](const kt_symbolic& s) { return s.spec.shape.size(); });
}

const int64_t* kt_symbolic_shape(const kt_symbolic* symbolic) {
  return look(symbolic, [](const kt_symbolic& s) { return s.spec.shape.data(); });
}

const char* kt_symbolic_name(const kt_symbolic* symbolic) {
  return look(symbolic, [](const kt_symbolic& s) {
    return s.call ? "" : s.tensor.node->layer->name.c_str();
  });
}

void kt_symbolic_free(kt_symbolic* symbolic) { delete symbolic; }
