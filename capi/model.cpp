#include "capi/handles.h"
#include "capi/symbolic.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

kt_symbolic* tensor_at(const std::vector<KerasTensor>& tensors, size_t index, const char* name) {
  return make_symbolic(tensors[index_of(index, tensors.size(), name)]);
}

// What fn gives of the model while no other thread trains it.
template <class Fn>
auto read(const kt_model* model, Fn&& fn) {
  const ModelPtr& m = need(model, "model").model;
  const Reading reading(m);
  return fn(*m);
}

}  // namespace

kt_error* kt_sequential_create(kt_layer* const* layers, size_t count, const char* name,
                               kt_model** model) {
  return give(model, "model", [&] {
    check_list(layers, count, "layers");
    std::vector<LayerPtr> chain;
    for (size_t i = 0; i < count; ++i) {
      require(layers[i] != nullptr, "layers[", i, "] is NULL");
      chain.push_back(layers[i]->layer);
    }
    return new kt_model{Model::sequential(std::move(chain), text_of(name))};
  });
}

kt_error* kt_sequential_add(kt_model* model, kt_layer* layer) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    const LayerPtr& l = need(layer, "layer").layer;
    const Changing changing(m, false);
    m->add(l);
  });
}

kt_error* kt_model_create(kt_symbolic* const* inputs, size_t n_inputs, kt_symbolic* const* outputs,
                          size_t n_outputs, const char* name, kt_model** model) {
  return give(model, "model", [&] {
    return new kt_model{Model::functional(keras_tensors_of(inputs, n_inputs, "inputs"),
                                          keras_tensors_of(outputs, n_outputs, "outputs"),
                                          text_of(name))};
  });
}

kt_error* kt_model_from_json(const char* json, kt_model** model) {
  return give(model, "model", [&] {
    return new kt_model{Model::from_json(parse_json(&need(json, "json"), "the model's JSON"))};
  });
}

kt_error* kt_model_to_json(const kt_model* model, char** json) {
  return give(json, "json",
              [&] { return read(model, [](const Model& m) { return make_string(m.to_json()); }); });
}

kt_error* kt_model_clone(const kt_model* model, kt_model** clone) {
  return give(clone, "clone", [&] {
    return read(model, [](const Model& m) { return new kt_model{Model::from_json(m.to_json())}; });
  });
}

kt_error* kt_model_build(kt_model* model, const int64_t* shape, size_t rank) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    const Shape extents = shape_of(shape, rank, true);
    const Changing changing(m, false);
    m->build_for({DType::kFloat32, extents});
  });
}

int kt_model_is_built(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->built() ? 1 : 0; });
}

const char* kt_model_name(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->name.c_str(); });
}

size_t kt_model_input_count(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->input_tensors().size(); });
}

size_t kt_model_output_count(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->output_tensors().size(); });
}

kt_error* kt_model_input(const kt_model* model, size_t index, kt_symbolic** input) {
  return give(input, "input", [&] {
    return read(model,
                [&](const Model& m) { return tensor_at(m.input_tensors(), index, "input"); });
  });
}

kt_error* kt_model_output(const kt_model* model, size_t index, kt_symbolic** output) {
  return give(output, "output", [&] {
    return read(model,
                [&](const Model& m) { return tensor_at(m.output_tensors(), index, "output"); });
  });
}

size_t kt_model_layer_count(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->layers().size(); });
}

kt_error* kt_model_layer(const kt_model* model, size_t index, kt_layer** layer) {
  return give(layer, "layer", [&] {
    return read(model, [&](const Model& m) {
      return new kt_layer{m.layers()[index_of(index, m.layers().size(), "layer")]};
    });
  });
}

kt_error* kt_model_layer_named(const kt_model* model, const char* name, kt_layer** layer) {
  return give(layer, "layer", [&] {
    return read(model,
                [&](const Model& m) { return new kt_layer{m.get_layer(&need(name, "name"))}; });
  });
}

kt_error* kt_model_as_layer(const kt_model* model, kt_layer** layer) {
  return give(layer, "layer", [&] { return new kt_layer{need(model, "model").model}; });
}

kt_error* kt_layer_as_model(const kt_layer* layer, kt_model** model) {
  return give(model, "model", [&] {
    const LayerPtr& l = need(layer, "layer").layer;
    ModelPtr m = std::dynamic_pointer_cast<Model>(l);
    require(m != nullptr, "layer '", l->name, "' (", l->info().name, ") is no model");
    return new kt_model{std::move(m)};
  });
}

kt_error* kt_model_summary(const kt_model* model, int width, char** text) {
  return give(text, "text", [&] {
    constexpr int kDefault = 80, kMost = 1000;
    require(width >= 0 && width <= kMost, "width: expected 0 to ", kMost, ", got ", width);
    return read(model,
                [&](const Model& m) { return make_string(m.summary(width ? width : kDefault)); });
  });
}

kt_error* kt_model_count_params(const kt_model* model, int64_t* count) {
  return give(count, "count",
              [&] { return read(model, [](const Model& m) { return m.count_params(); }); });
}

kt_error* kt_model_weights_hash(const kt_model* model, uint64_t* hash) {
  return give(hash, "hash",
              [&] { return read(model, [](const Model& m) { return m.weights_hash(); }); });
}

void kt_model_free(kt_model* model) { delete model; }
