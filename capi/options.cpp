#include "capi/options.h"

#include <algorithm>
#include <charconv>

#include "capi/handles.h"
#include "io/model_files.h"

namespace keratin::capi {
namespace {

std::function<void(const std::string&)> printer(kt_print print, void* context) {
  if (!print) return {};
  return [print, context](const std::string& text) { print(context, text.c_str()); };
}

int verbosity(int verbose) {
  require(verbose >= 0 && verbose <= 2, "verbose: expected 0, 1 or 2, got ", verbose);
  return verbose;
}

std::map<std::int64_t, double> weights_by_class(const Json& json) {
  std::map<std::int64_t, double> weights;
  require(json.is_object(), "class_weight: expected {\"<class>\": <weight>, ...}, got ",
          json.dump());
  for (const auto& [key, value] : json.items()) {
    std::int64_t index = 0;
    const char* end = key.data() + key.size();
    const auto [stop, error] = std::from_chars(key.data(), end, index);
    require(error == std::errc() && stop == end, "class_weight: '", key, "' is no class index");
    require(value.is_number(), "class_weight: expected a number for class ", key, ", got ",
            value.dump());
    weights[index] = value.get<double>();
  }
  return weights;
}

}  // namespace

Dataset data_of(const kt_data* data, const char* name) {
  const kt_data d = read_struct(&need(data, name), KT_DATA_INIT, name);
  const std::string prefix = std::string(name) + "->";
  const auto tensors = [&](kt_tensor* const* array, std::size_t count, const char* member) {
    return tensors_of(array, count, (prefix + member).c_str());
  };
  return {tensors(d.x, d.n_x, "x"), tensors(d.y, d.n_y, "y"),
          tensors(d.sample_weight, d.n_sample_weight, "sample_weight")};
}

ClassWeights class_weights_of(const char* text, const Model& model) {
  if (!text) return {};
  const Json json = parse_json(text, "class_weight");
  if (json.is_null() || (json.is_object() && json.empty())) return {};
  require(json.is_object(), "class_weight: expected an object, got ", json.dump());
  if (std::none_of(json.begin(), json.end(), [](const Json& v) { return v.is_object(); })) {
    require(model.output_tensors().size() <= 1,
            "class_weight: expected {\"<output>\": {\"<class>\": <weight>}} for a model of ",
            model.output_tensors().size(), " outputs");
    return {weights_by_class(json)};
  }
  const std::vector<std::string> names = model.output_names();
  ClassWeights all(names.size());
  for (const auto& [key, value] : json.items()) {
    const auto place = std::find(names.begin(), names.end(), key);
    require(place != names.end(), "class_weight: the model has no output '", key, "'");
    all[static_cast<std::size_t>(place - names.begin())] = weights_by_class(value);
  }
  return all;
}

FitCall::FitCall(const kt_fit_options* given, const Model& model)
    : FitCall(read_struct(given, KT_FIT_OPTIONS_INIT, "options"), model) {}

FitCall::FitCall(const kt_fit_options& given, const Model& model)
    : uses(given.callbacks, given.n_callbacks) {
  options.batch_size = given.batch_size;
  options.epochs = given.epochs;
  options.initial_epoch = given.initial_epoch;
  options.steps_per_epoch = given.steps_per_epoch;
  options.shuffle = given.shuffle != 0;
  options.verbose = verbosity(given.verbose);
  options.print = printer(given.print, given.print_context);
  options.validation_split = given.validation_split;
  if (given.validation_data)
    options.validation_data = data_of(given.validation_data, "options->validation_data");
  options.validation_batch_size = given.validation_batch_size;
  options.validation_steps = given.validation_steps;
  options.validation_freq = given.validation_freq;
  options.class_weight = class_weights_of(given.class_weight, model);
  options.callbacks = uses.callbacks();
  options.files = &io::model_files();
}

EvaluateCall::EvaluateCall(const kt_evaluate_options* given)
    : EvaluateCall(read_struct(given, KT_EVALUATE_OPTIONS_INIT, "options")) {}

EvaluateCall::EvaluateCall(const kt_evaluate_options& given)
    : uses(given.callbacks, given.n_callbacks) {
  options.batch_size = given.batch_size;
  options.steps = given.steps;
  options.verbose = verbosity(given.verbose);
  options.print = printer(given.print, given.print_context);
  options.callbacks = uses.callbacks();
}

PredictCall::PredictCall(const kt_predict_options* given)
    : PredictCall(read_struct(given, KT_PREDICT_OPTIONS_INIT, "options")) {}

PredictCall::PredictCall(const kt_predict_options& given)
    : uses(given.callbacks, given.n_callbacks) {
  options.batch_size = given.batch_size;
  options.verbose = verbosity(given.verbose);
  options.print = printer(given.print, given.print_context);
  options.callbacks = uses.callbacks();
}

CallerSource::CallerSource(const kt_batch_source* source)
    : source_(read_struct(&need(source, "source"), KT_BATCH_SOURCE_INIT, "source")) {
  require(source_.next != nullptr, "source->next is NULL");
}

bool CallerSource::next(Dataset& batch) {
  kt_data data = KT_DATA_INIT;
  rethrow(source_.next(source_.context, &data));
  if (data.n_x == 0) return false;
  batch = data_of(&data, "batch");
  return true;
}

void CallerSource::restart() {
  if (source_.restart) rethrow(source_.restart(source_.context));
}

SourceCall::SourceCall(const kt_batch_source* source) : caller_(source) {
  const std::int64_t depth = caller_.options().prefetch;
  require(depth >= 0 && depth <= 1024, "source->prefetch: expected 0 to 1024, got ", depth);
  if (depth > 0) ahead_.emplace(caller_, depth, caller_.options().restart != nullptr);
}

}  // namespace keratin::capi
