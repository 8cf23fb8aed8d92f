#include "capi/handles.h"
#include "capi/symbolic.h"
#include "model/call_form.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

const Weight& weight_at(const std::vector<Weight>& weights, size_t index) {
  return weights[index_of(index, weights.size(), "weight")];
}

struct Given {
  const char* name;
  kt_symbolic* const* tensors;
  size_t count;
};
struct Room {
  const char* name;  // of its size
  kt_symbolic** outputs;
  size_t size;
  bool is_exact;  // the layer gives as many, not only at most
};

// Without a form the tensors are the layer's inputs. Returns the number of outputs.
size_t call_into(kt_layer* layer, const char* form, std::optional<bool> training,
                 const Given& given, const Room& room) {
  const LayerPtr& l = need(layer, "layer").layer;
  const std::vector<KerasTensor> tensors = keras_tensors_of(given.tensors, given.count, given.name);
  const Reading reading(l);
  std::vector<KerasTensor> results =
      form ? call_layer(l, tensors, checked_form(json_of(form, "form"), tensors.size()))
           : call_layer(l, tensors, training);
  require(room.is_exact ? results.size() == room.size : results.size() <= room.size, "layer '",
          l->name, "' has ", results.size(), " outputs, ", room.name, " is ", room.size);
  std::vector<std::unique_ptr<kt_symbolic>> handles;
  for (KerasTensor& tensor : results) handles.emplace_back(make_symbolic(std::move(tensor)));
  for (size_t i = 0; i < handles.size(); ++i) room.outputs[i] = handles[i].release();
  return handles.size();
}

}  // namespace

kt_error* kt_layer_create(const char* class_name, const char* config, kt_layer** layer) {
  return give(layer, "layer", [&] {
    const Json json = json_of(config, "config");
    return new kt_layer{
        std::static_pointer_cast<Layer>(create("layers", &need(class_name, "class_name"), json))};
  });
}

const char* kt_layer_name(const kt_layer* layer) {
  return look(layer, [](const kt_layer& l) { return l.layer->name.c_str(); });
}

const char* kt_layer_class_name(const kt_layer* layer) {
  return look(layer, [](const kt_layer& l) { return l.layer->info().name.c_str(); });
}

kt_error* kt_layer_config(const kt_layer* layer, char** json) {
  return give(json, "json", [&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const Reading reading(l);
    return make_string(config_of(*l));
  });
}

int kt_layer_trainable(const kt_layer* layer) {
  return look(layer, [](const kt_layer& l) { return l.layer->trainable ? 1 : 0; });
}

kt_error* kt_layer_set_trainable(kt_layer* layer, int trainable) {
  return guard([&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const Changing changing(l, false);
    l->set_trainable(trainable != 0);
    for (const ModelPtr& model : changing.models()) model->forget_plans();
  });
}

size_t kt_layer_weight_count(const kt_layer* layer) {
  return look(layer, [](const kt_layer& l) { return l.layer->weights().size(); });
}

kt_error* kt_layer_weight_path(const kt_layer* layer, size_t index, char** path) {
  return give(path, "path", [&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const Reading reading(l);
    const std::vector<Weight> weights = l->weights();
    return make_string(weight_at(weights, index).variable->path);
  });
}

kt_error* kt_layer_weight(const kt_layer* layer, size_t index, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const Reading reading(l);
    const std::vector<Weight> weights = l->weights();
    return new kt_tensor{weight_at(weights, index).variable->value.clone()};
  });
}

kt_error* kt_layer_set_weights(kt_layer* layer, kt_tensor* const* tensors, size_t count) {
  return guard([&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const std::vector<Tensor> given = tensors_of(tensors, count, "tensors");
    const Changing changing(l, true);
    const std::vector<Weight> weights = l->weights();
    require(given.size() == weights.size(), "layer '", l->name, "' has ", weights.size(),
            " weights, got ", given.size());
    std::vector<Tensor> converted;
    for (size_t i = 0; i < count; ++i) {
      const Variable& variable = *weights[i].variable;
      require(given[i].shape() == variable.value.shape(), "the weight '", variable.path,
              "': expected shape ", to_string(variable.value.shape()), ", got ",
              to_string(given[i].shape()));
      converted.push_back(given[i].as(variable.value.dtype()));
    }
    for (size_t i = 0; i < count; ++i) weights[i].variable->value.assign(converted[i]);
  });
}

kt_error* kt_layer_adapt(kt_layer* layer, const kt_tensor* data) {
  return guard([&] {
    const LayerPtr& l = need(layer, "layer").layer;
    const Tensor& tensor = need(data, "data").tensor;
    require(!tensor.shape().empty(), "data: expected [samples, ...], got a scalar");
    const Changing changing(l, false);
    l->adapt(tensor);
  });
}

kt_error* kt_layer_call(kt_layer* layer, kt_symbolic* const* inputs, size_t n_inputs, int training,
                        kt_symbolic** outputs, size_t n_outputs) {
  return give_all(outputs, n_outputs, "outputs", [&] {
    require(training >= KT_AS_RUN && training <= 1, "training: expected 1, 0 or KT_AS_RUN, got ",
            training);
    const auto mode = training == KT_AS_RUN ? std::nullopt : std::optional<bool>(training != 0);
    call_into(layer, nullptr, mode, {"inputs", inputs, n_inputs},
              {"n_outputs", outputs, n_outputs, true});
  });
}

kt_error* kt_layer_call_form(kt_layer* layer, const char* form, kt_symbolic* const* tensors,
                             size_t n_tensors, kt_symbolic** outputs, size_t capacity,
                             size_t* n_outputs) {
  if (n_outputs) *n_outputs = 0;
  return give_all(outputs, capacity, "outputs", [&] {
    size_t& count = need(n_outputs, "n_outputs");
    count = call_into(layer, form, std::nullopt, {"tensors", tensors, n_tensors},
                      {"capacity", outputs, capacity, false});
  });
}

void kt_layer_free(kt_layer* layer) { delete layer; }
