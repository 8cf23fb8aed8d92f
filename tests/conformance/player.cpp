#include "player.h"

#include <keratin/keratin.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "comparison.h"
#include "io/file.h"

namespace keratin::conformance {
namespace {

using Handles = std::vector<kt_tensor*>;

void check(kt_error* error) {
  if (!error) return;
  const std::string message = kt_error_message(error);
  const auto code = static_cast<Code>(kt_error_code(error));
  kt_error_free(error);
  throw Error(code, message);
}

// A tensor of the ABI over the elements of one of ours, or a copy of strings.
class Given {
 public:
  explicit Given(const Tensor& tensor) : elements_(tensor) {
    const Shape& shape = tensor.shape();
    if (tensor.dtype() != DType::kString) {
      check(kt_tensor_over(tensor.raw(), kt_dtype(tensor.dtype()), shape.data(), shape.size(),
                           nullptr, nullptr, &handle_));
      return;
    }
    std::vector<const char*> data;
    std::vector<std::size_t> sizes;
    for (const String& s : tensor.span<String>()) {
      data.push_back(s.data);
      sizes.push_back(std::size_t(s.size));
    }
    check(kt_tensor_of_strings(data.data(), sizes.data(), shape.data(), shape.size(), &handle_));
  }
  Given(Given&& other) noexcept
      : elements_(std::move(other.elements_)), handle_(std::exchange(other.handle_, nullptr)) {}
  ~Given() { kt_tensor_free(handle_); }
  kt_tensor* get() const { return handle_; }

 private:
  Tensor elements_;
  kt_tensor* handle_ = nullptr;
};

Tensor taken(kt_tensor* handle) {
  const std::shared_ptr<kt_tensor> owner(handle, kt_tensor_free);
  const Shape shape(kt_tensor_shape(handle), kt_tensor_shape(handle) + kt_tensor_rank(handle));
  const auto dtype = static_cast<DType>(kt_tensor_dtype(handle));
  if (dtype != DType::kString)
    return Tensor::over(kt_tensor_data(handle), dtype, shape, [owner] {});
  std::vector<std::string_view> values;
  for (std::int64_t i = 0; i < kt_tensor_size(handle); ++i) {
    std::size_t size = 0;
    const char* text = kt_tensor_string(handle, i, &size);
    values.emplace_back(text, size);
  }
  return Tensor::of_strings(shape, values);
}

class Player {
 public:
  Player(const Case& c, std::string scratch)
      : case_(c),
        scratch_(std::move(scratch)),
        tolerance_{c.json.at("atol").get<double>(), c.json.at("rtol").get<double>()} {}
  ~Player() { kt_model_free(model_); }
  Player(const Player&) = delete;

  void play() {
    load();
    gather();
    compare_predictions("predict", "string_outputs");
    if (case_.json.contains("fit")) {
      fit();
      compare_weights();
      compare_predictions("predict_after", nullptr);
      evaluate();
    }
    save_and_load();
  }

 private:
  void load() {
    const std::string file = case_.json.value("file", "model.keras");
    if (!file.ends_with(".weights.h5"))
      return check(kt_model_load(case_.file(file).c_str(), 1, &model_));
    const std::string json = io::read_file(case_.file("model.json"));
    check(kt_model_from_json(json.c_str(), &model_));
    check(kt_model_load_weights(model_, case_.file(file).c_str()));
  }

  void gather() {
    const Json strings = case_.json.value("string_inputs", Json::object());
    for (std::string name = "x0"; strings.contains(name) || case_.has(name);
         name = "x" + std::to_string(x_.size()))
      x_.emplace_back(strings.contains(name) ? strings_of(strings[name]) : case_.array(name));
    for (const std::string& name : case_.numbered("y")) y_.emplace_back(case_.array(name));
    if (case_.has("sample_weight")) weights_.emplace_back(case_.array("sample_weight"));
    for (const Given& x : x_) x_handles_.push_back(x.get());
    for (const Given& y : y_) y_handles_.push_back(y.get());
    for (const Given& w : weights_) weight_handles_.push_back(w.get());
  }

  std::vector<Tensor> predict() const {
    Handles outputs(kt_model_output_count(model_), nullptr);
    if (outputs.empty()) outputs.resize(1);  // a chain that the data builds
    kt_predict_options options = KT_PREDICT_OPTIONS_INIT;
    check(kt_model_predict(model_, x_handles_.data(), x_handles_.size(), &options, outputs.data(),
                           outputs.size()));
    std::vector<Tensor> results;
    for (kt_tensor* output : outputs) results.push_back(taken(output));
    return results;
  }

  void compare_predictions(const std::string& prefix, const char* strings) const {
    const std::vector<Tensor> got = predict();
    if (strings && case_.json.contains(strings)) {
      const Json& wanted = case_.json[strings];
      require(got.size() == wanted.size(), prefix, ": ", got.size(), " outputs, wanted ",
              wanted.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        const std::string name = prefix + std::to_string(i);
        compare_strings(name, got[i], wanted.is_array() ? wanted[i] : wanted.at(name));
      }
      return;
    }
    require(got.size() == case_.numbered(prefix).size(), prefix, ": ", got.size(),
            " outputs, wanted ", case_.numbered(prefix).size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::string name = prefix + std::to_string(i);
      compare(name, got[i], case_.array(name), tolerance_);
    }
  }

  kt_data data() const {
    kt_data d = KT_DATA_INIT;
    d.x = x_handles_.data();
    d.n_x = x_handles_.size();
    d.y = y_handles_.data();
    d.n_y = y_handles_.size();
    d.sample_weight = weight_handles_.data();
    d.n_sample_weight = weight_handles_.size();
    return d;
  }

  void fit() const {
    const Json& arguments = case_.json["fit"];
    kt_fit_options options = KT_FIT_OPTIONS_INIT;
    options.shuffle = 0;
    std::string class_weight;
    for (const auto& [key, value] : arguments.items()) {
      if (key == "batch_size") {
        options.batch_size = value.get<std::int64_t>();
      } else if (key == "epochs") {
        options.epochs = value.get<std::int64_t>();
      } else if (key == "initial_epoch") {
        options.initial_epoch = value.get<std::int64_t>();
      } else if (key == "steps_per_epoch") {
        options.steps_per_epoch = value.get<std::int64_t>();
      } else if (key == "validation_split") {
        options.validation_split = value.get<double>();
      } else if (key == "validation_steps") {
        options.validation_steps = value.get<std::int64_t>();
      } else if (key == "validation_freq") {
        options.validation_freq = value.get<std::int64_t>();
      } else if (key == "validation_batch_size") {
        options.validation_batch_size = value.get<std::int64_t>();
      } else if (key == "class_weight") {
        class_weight = value.dump();
        options.class_weight = class_weight.c_str();
      } else {
        fail(Code::kUnsupported, "fit has the argument '", key, "', which is not known here");
      }
    }
    std::vector<std::unique_ptr<kt_callback, void (*)(kt_callback*)>> callbacks;
    std::vector<kt_callback*> handles;
    for (const Json& json : case_.json.value("callbacks", Json::array())) {
      kt_callback* callback = nullptr;
      check(kt_callback_create(json.at("class").get<std::string>().c_str(),
                               json.at("config").dump().c_str(), &callback));
      callbacks.emplace_back(callback, kt_callback_free);
      handles.push_back(callback);
    }
    options.callbacks = handles.data();
    options.n_callbacks = handles.size();

    kt_history* made = nullptr;
    const kt_data d = data();
    check(kt_model_fit(model_, &d, &options, &made));
    const std::unique_ptr<kt_history, void (*)(kt_history*)> history(made, kt_history_free);
    compare_history(*history);
  }

  void compare_history(const kt_history& history) const {
    std::vector<std::string> got, wanted;
    for (std::size_t i = 0; i < kt_history_key_count(&history); ++i)
      got.emplace_back(kt_history_key(&history, i));
    for (const Json& key : case_.json.at("history_keys")) wanted.push_back(key);
    std::sort(got.begin(), got.end());
    std::sort(wanted.begin(), wanted.end());
    require(got == wanted, "history has the keys ", Json(got).dump(), ", wanted ",
            Json(wanted).dump());
    const Json all = [&] {
      char* text = nullptr;
      check(kt_history_json(&history, &text));
      const std::unique_ptr<char, void (*)(char*)> owner(text, kt_string_free);
      return parse_json(text, "history").at("history");
    }();
    for (const std::string& key : wanted)
      compare("history/" + key, numbers(all.at(key)), case_.array("history/" + key), tolerance_);
  }

  // A list of numbers or of lists of them; null is not-a-number.
  static Tensor numbers(const Json& json) {
    Shape shape{std::int64_t(json.size())};
    std::vector<double> values;
    for (const Json& item : json) {
      if (item.is_array() && shape.size() == 1) shape.push_back(std::int64_t(item.size()));
      for (const Json& value : item.is_array() ? item : Json::array({item}))
        values.push_back(value.is_null() ? std::nan("") : value.get<double>());
    }
    return Tensor::of(shape, values);
  }

  void compare_weights() const {
    kt_layer* made = nullptr;
    check(kt_model_as_layer(model_, &made));
    const std::unique_ptr<kt_layer, void (*)(kt_layer*)> layer(made, kt_layer_free);
    const Json& paths = case_.json.at("weights");
    const std::size_t count = kt_layer_weight_count(layer.get());
    require(count == paths.size(), "the model has ", count, " weights, wanted ", paths.size());
    for (std::size_t i = 0; i < count; ++i) {
      char number[24];
      std::snprintf(number, sizeof number, "%03zu", i);
      kt_tensor* weight = nullptr;
      check(kt_layer_weight(layer.get(), i, &weight));
      compare("after/" + std::string(number) + " (" + paths[i].get<std::string>() + ")",
              taken(weight), case_.array("after/" + std::string(number)), tolerance_);
    }
  }

  void evaluate() const {
    kt_evaluate_options options = KT_EVALUATE_OPTIONS_INIT;
    options.batch_size = case_.json["fit"].value("batch_size", 0);
    kt_logs* made = nullptr;
    const kt_data d = data();
    check(kt_model_evaluate(model_, &d, &options, &made));
    const std::unique_ptr<kt_logs, void (*)(kt_logs*)> logs(made, kt_logs_free);
    std::vector<double> values;
    for (const Json& key : case_.json.at("evaluate_keys")) {
      const std::string wanted = key.get<std::string>();
      bool found = false;
      for (std::size_t i = 0; i < kt_logs_count(logs.get()) && !found; ++i) {
        if (wanted != kt_logs_key(logs.get(), i)) continue;
        std::size_t n = 0;
        const double* of_key = kt_logs_values(logs.get(), i, &n);
        values.insert(values.end(), of_key, of_key + n);
        found = true;
      }
      require(found, "evaluate gave no '", wanted, "'");
    }
    compare("evaluate", Tensor::of({std::int64_t(values.size())}, values), case_.array("evaluate"),
            tolerance_);
  }

  void save_and_load() {
    const std::vector<Tensor> before = predict();
    const std::string path = scratch_ + "/saved.keras";
    check(kt_model_save(model_, path.c_str()));
    kt_model_free(std::exchange(model_, nullptr));
    check(kt_model_load(path.c_str(), 1, &model_));
    const std::vector<Tensor> after = predict();
    require(before.size() == after.size(), "saved and loaded: ", after.size(), " outputs");
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i].dtype() == DType::kString) continue;
      compare("saved and loaded: predict" + std::to_string(i), after[i], before[i], tolerance_);
    }
  }

  const Case& case_;
  std::string scratch_;
  Tolerance tolerance_;
  kt_model* model_ = nullptr;
  std::vector<Given> x_, y_, weights_;
  Handles x_handles_, y_handles_, weight_handles_;
};

}  // namespace

void play(const Case& c, const std::string& scratch) { Player(c, scratch).play(); }

}  // namespace keratin::conformance
