#include "training/trainer.h"

#include "capi/handles.h"
#include "capi/history.h"
#include "capi/options.h"
#include "model/compile.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

// Fit's history may be of no interest: then `history` is NULL.
template <class Fn>
kt_error* give_history(kt_history** history, Fn&& fn) {
  if (history) *history = nullptr;
  return guard([&] {
    History result = fn();
    if (history) *history = make_history(std::move(result));
  });
}

Compiled& compiled_of(const kt_model* model) {
  const ModelPtr& m = need(model, "model").model;
  if (!m->compiled) fail(Code::kState, "the model '", m->name, "' is not compiled");
  return *m->compiled;
}

void check_output_count(const Model& model, const std::vector<Tensor>& results, size_t n_outputs) {
  require(results.size() == n_outputs, "the model '", model.name, "' has ", results.size(),
          " outputs, n_outputs is ", n_outputs);
}

}  // namespace

kt_error* kt_model_compile(kt_model* model, const char* config) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    compile(m, json_of(config, "config"));
  });
}

int kt_model_is_compiled(const kt_model* model) {
  return look(model, [](const kt_model& m) { return m.model->compiled ? 1 : 0; });
}

kt_error* kt_model_compile_config(const kt_model* model, char** json) {
  return give(json, "json", [&] {
    const Reading reading(need(model, "model").model);
    return make_string(compiled_of(model).config());
  });
}

kt_error* kt_model_fit(kt_model* model, const kt_data* data, const kt_fit_options* options,
                       kt_history** history) {
  return give_history(history, [&] {
    const ModelPtr& m = need(model, "model").model;
    const Dataset dataset = data_of(data, "data");
    const FitCall call(options, *m);
    return fit(m, dataset, call.options);
  });
}

kt_error* kt_model_fit_source(kt_model* model, const kt_batch_source* source,
                              const kt_fit_options* options, kt_history** history) {
  return give_history(history, [&] {
    const ModelPtr& m = need(model, "model").model;
    SourceCall given(source);
    const FitCall call(options, *m);
    return fit(m, given.batches(), call.options);
  });
}

kt_error* kt_model_evaluate(kt_model* model, const kt_data* data,
                            const kt_evaluate_options* options, kt_logs** logs) {
  return give(logs, "logs", [&] {
    const ModelPtr& m = need(model, "model").model;
    const Dataset dataset = data_of(data, "data");
    const EvaluateCall call(options);
    return new kt_logs{in_list_order(*m, evaluate(m, dataset, call.options))};
  });
}

kt_error* kt_model_evaluate_source(kt_model* model, const kt_batch_source* source,
                                   const kt_evaluate_options* options, kt_logs** logs) {
  return give(logs, "logs", [&] {
    const ModelPtr& m = need(model, "model").model;
    SourceCall given(source);
    const EvaluateCall call(options);
    return new kt_logs{in_list_order(*m, evaluate(m, given.batches(), call.options))};
  });
}

kt_error* kt_model_predict(kt_model* model, kt_tensor* const* x, size_t n_x,
                           const kt_predict_options* options, kt_tensor** outputs,
                           size_t n_outputs) {
  return give_all(outputs, n_outputs, "outputs", [&] {
    const ModelPtr& m = need(model, "model").model;
    const std::vector<Tensor> inputs = tensors_of(x, n_x, "x");
    const PredictCall call(options);
    std::vector<Tensor> results = predict(m, inputs, call.options);
    check_output_count(*m, results, n_outputs);
    give_tensors(std::move(results), outputs);
  });
}

kt_error* kt_model_predict_on_batch(kt_model* model, kt_tensor* const* x, size_t n_x,
                                    kt_tensor** outputs, size_t n_outputs) {
  return give_all(outputs, n_outputs, "outputs", [&] {
    const ModelPtr& m = need(model, "model").model;
    std::vector<Tensor> results = predict_on_batch(m, tensors_of(x, n_x, "x"));
    check_output_count(*m, results, n_outputs);
    give_tensors(std::move(results), outputs);
  });
}

kt_error* kt_model_train_on_batch(kt_model* model, const kt_data* batch, const char* class_weight,
                                  kt_logs** logs) {
  return give(logs, "logs", [&] {
    const ModelPtr& m = need(model, "model").model;
    const Dataset dataset = data_of(batch, "batch");
    const ClassWeights weights = class_weights_of(class_weight, *m);
    return new kt_logs{in_list_order(*m, train_on_batch(m, dataset, weights))};
  });
}

kt_error* kt_model_test_on_batch(kt_model* model, const kt_data* batch, kt_logs** logs) {
  return give(logs, "logs", [&] {
    const ModelPtr& m = need(model, "model").model;
    return new kt_logs{in_list_order(*m, test_on_batch(m, data_of(batch, "batch")))};
  });
}

kt_error* kt_model_learning_rate(const kt_model* model, double* rate) {
  return give(rate, "rate", [&] {
    const Reading reading(need(model, "model").model);
    return compiled_of(model).optimizer->current_learning_rate();
  });
}

kt_error* kt_model_set_learning_rate(kt_model* model, double rate) {
  return guard([&] {
    const Changing changing(need(model, "model").model, true);
    compiled_of(model).optimizer->set_learning_rate(rate);
  });
}

kt_error* kt_model_iterations(const kt_model* model, int64_t* iterations) {
  return give(iterations, "iterations", [&] {
    const Reading reading(need(model, "model").model);
    return compiled_of(model).optimizer->iterations();
  });
}
