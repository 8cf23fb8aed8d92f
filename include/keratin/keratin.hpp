/// Keratin in C++17: a thin layer over keratin.h. Objects are handles: they move, and go with their
/// scope; errors are exceptions. What a function does stands with the C function of its name.
#ifndef KERATIN_KERATIN_HPP
#define KERATIN_KERATIN_HPP

#include <keratin/keratin.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kt {

class Error : public std::runtime_error {
 public:
  Error(kt_code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  kt_code code() const { return code_; }

 private:
  kt_code code_;
};

inline void check(kt_error* error) {
  if (!error) return;
  const std::unique_ptr<kt_error, void (*)(kt_error*)> owner(error, kt_error_free);
  throw Error(kt_error_code(error), kt_error_message(error));
}

namespace detail {

// What fn throws, as an error for the library to carry.
template <class Fn>
kt_error* guarded(Fn&& fn) noexcept {
  try {
    fn();
    return nullptr;
  } catch (const Error& error) {
    return kt_error_create(error.code(), error.what());
  } catch (const std::exception& error) {
    return kt_error_create(KT_ERROR_CALLBACK, error.what());
  } catch (...) {
    return kt_error_create(KT_ERROR_CALLBACK, "an exception of unknown type");
  }
}

inline std::string take(char* string) {
  const std::unique_ptr<char, void (*)(char*)> owner(string, kt_string_free);
  return string;
}

template <class T, void (*release)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T* handle) : handle_(handle) {}
  T* get() const { return handle_.get(); }

 private:
  struct Free {
    void operator()(T* handle) const { release(handle); }
  };
  std::unique_ptr<T, Free> handle_;
};

// The bare handles of a list of objects.
template <class T>
auto bare(const std::vector<T>& objects) {
  std::vector<decltype(objects[0].get())> handles;
  for (const T& object : objects) handles.push_back(object.get());
  return handles;
}

// Moves its arguments into a vector, which an initializer list cannot.
template <class T, class... Args>
std::vector<T> list(Args&&... args) {
  std::vector<T> all;
  all.reserve(sizeof...(args));
  (all.push_back(std::forward<Args>(args)), ...);
  return all;
}

}  // namespace detail

using Shape = std::vector<std::int64_t>;

template <class T>
constexpr kt_dtype dtype_of();
template <>
constexpr kt_dtype dtype_of<float>() {
  return KT_FLOAT32;
}
template <>
constexpr kt_dtype dtype_of<double>() {
  return KT_FLOAT64;
}
template <>
constexpr kt_dtype dtype_of<std::int32_t>() {
  return KT_INT32;
}
template <>
constexpr kt_dtype dtype_of<std::int64_t>() {
  return KT_INT64;
}
template <>
constexpr kt_dtype dtype_of<std::int8_t>() {
  return KT_INT8;
}
template <>
constexpr kt_dtype dtype_of<std::uint8_t>() {
  return KT_UINT8;
}
template <>
constexpr kt_dtype dtype_of<std::uint32_t>() {
  return KT_UINT32;
}

class Tensor : public detail::Handle<kt_tensor, kt_tensor_free> {
 public:
  using Handle::Handle;
  Tensor(kt_dtype dtype, const Shape& shape) {
    kt_tensor* made;
    check(kt_tensor_create(dtype, shape.data(), shape.size(), &made));
    *this = Tensor(made);
  }
  /// Takes the vector over; no copy of its elements.
  template <class T>
  Tensor(const Shape& shape, std::vector<T> values) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    if (size != static_cast<std::int64_t>(owner->size()))
      throw Error(KT_ERROR_INVALID_ARGUMENT, "tensor: number of values and shape do not agree");
    kt_tensor* made;
    check(kt_tensor_over(
        owner->data(), dtype_of<T>(), shape.data(), shape.size(),
        [](void* context) { delete static_cast<std::vector<T>*>(context); }, owner.get(), &made));
    owner.release();
    *this = Tensor(made);
  }

  kt_dtype dtype() const { return kt_tensor_dtype(get()); }
  Shape shape() const {
    const std::int64_t* extents = kt_tensor_shape(get());
    return Shape(extents, extents + kt_tensor_rank(get()));
  }
  std::int64_t size() const { return kt_tensor_size(get()); }
  template <class T>
  T* data() const {
    if (dtype() != dtype_of<T>()) throw Error(KT_ERROR_INVALID_ARGUMENT, "tensor: another dtype");
    return static_cast<T*>(kt_tensor_data(get()));
  }
  Tensor rows(std::int64_t begin, std::int64_t end) const {
    kt_tensor* part;
    check(kt_tensor_rows(get(), begin, end, &part));
    return Tensor(part);
  }
};

class Symbolic : public detail::Handle<kt_symbolic, kt_symbolic_free> {
 public:
  using Handle::Handle;
  kt_dtype dtype() const { return kt_symbolic_dtype(get()); }
  Shape shape() const {
    const std::int64_t* extents = kt_symbolic_shape(get());
    return Shape(extents, extents + kt_symbolic_rank(get()));
  }
  std::string name() const { return kt_symbolic_name(get()); }
};

inline Symbolic input(const Shape& shape, kt_dtype dtype = KT_FLOAT32,
                      const std::string& name = {}) {
  kt_symbolic* made;
  check(kt_input(shape.data(), shape.size(), dtype, name.c_str(), &made));
  return Symbolic(made);
}

/// op("add", x, y), op("sum", R"({"axis": -1})", x)
inline Symbolic op_of(const std::string& name, const char* attributes,
                      std::vector<kt_symbolic*> inputs) {
  kt_symbolic* made;
  check(kt_op_call(name.c_str(), inputs.data(), inputs.size(), attributes, &made));
  return Symbolic(made);
}
/// Of ops that give several: ops_of("svd", nullptr, {x.get()})
inline std::vector<Symbolic> ops_of(const std::string& name, const char* attributes,
                                    std::vector<kt_symbolic*> inputs, std::size_t most = 256) {
  std::vector<kt_symbolic*> made(most);
  std::size_t count = 0;
  check(kt_op_call_all(name.c_str(), inputs.data(), inputs.size(), attributes, made.data(), most,
                       &count));
  return std::vector<Symbolic>(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(count));
}
template <class... Inputs>
Symbolic op(const std::string& name, const Symbolic& x, const Inputs&... more) {
  return op_of(name, nullptr, {x.get(), more.get()...});
}
template <class... Inputs>
Symbolic op(const std::string& name, const char* attributes, const Inputs&... inputs) {
  return op_of(name, attributes, {inputs.get()...});
}

class Layer : public detail::Handle<kt_layer, kt_layer_free> {
 public:
  using Handle::Handle;
  explicit Layer(const std::string& class_name, const std::string& config = "{}") {
    kt_layer* made;
    check(kt_layer_create(class_name.c_str(), config.c_str(), &made));
    *this = Layer(made);
  }

  template <class... Inputs>
  Symbolic operator()(const Inputs&... inputs) const {
    kt_symbolic* const operands[] = {inputs.get()...};
    kt_symbolic* made;
    check(kt_layer_call(get(), operands, sizeof...(inputs), KT_AS_RUN, &made, 1));
    return Symbolic(made);
  }

  std::string name() const { return kt_layer_name(get()); }
  std::string class_name() const { return kt_layer_class_name(get()); }
  std::string config() const {
    char* json;
    check(kt_layer_config(get(), &json));
    return detail::take(json);
  }
  bool trainable() const { return kt_layer_trainable(get()) != 0; }
  void set_trainable(bool value) { check(kt_layer_set_trainable(get(), value)); }
  std::vector<Tensor> weights() const {
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < kt_layer_weight_count(get()); ++i) {
      kt_tensor* copy;
      check(kt_layer_weight(get(), i, &copy));
      all.emplace_back(copy);
    }
    return all;
  }
  void set_weights(const std::vector<Tensor>& weights) {
    const auto handles = detail::bare(weights);
    check(kt_layer_set_weights(get(), handles.data(), handles.size()));
  }
  void adapt(const Tensor& data) { check(kt_layer_adapt(get(), data.get())); }
};

/// Names and values, in Keras' order.
using Logs = std::vector<std::pair<std::string, std::vector<double>>>;

namespace detail {
inline Logs copy(const kt_logs* logs) {
  Logs all;
  for (std::size_t i = 0; i < kt_logs_count(logs); ++i) {
    std::size_t count;
    const double* values = kt_logs_values(logs, i, &count);
    all.emplace_back(kt_logs_key(logs, i), std::vector<double>(values, values + count));
  }
  return all;
}
inline Logs take(kt_logs* logs) {
  const std::unique_ptr<kt_logs, void (*)(kt_logs*)> owner(logs, kt_logs_free);
  return copy(logs);
}
}  // namespace detail

class History : public detail::Handle<kt_history, kt_history_free> {
 public:
  using Handle::Handle;
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < kt_history_key_count(get()); ++i)
      all.push_back(kt_history_key(get(), i));
    return all;
  }
  std::vector<double> operator[](const std::string& key) const {
    const double* values;
    std::size_t count;
    check(kt_history_values(get(), key.c_str(), &values, &count));
    return std::vector<double>(values, values + count);
  }
};

class Callback : public detail::Handle<kt_callback, kt_callback_free> {
 public:
  using Handle::Handle;
  explicit Callback(const std::string& class_name, const std::string& config = "{}") {
    kt_callback* made;
    check(kt_callback_create(class_name.c_str(), config.c_str(), &made));
    *this = Callback(made);
  }
  /// At the end of each epoch; kt_loop_stop_training(loop) ends the training. What it throws comes
  /// out of fit.
  static Callback at_epoch_end(
      std::function<void(kt_loop* loop, std::int64_t epoch, const Logs& logs)> fn) {
    using Fn = decltype(fn);
    auto owner = std::make_unique<Fn>(std::move(fn));
    kt_callback_functions functions = KT_CALLBACK_FUNCTIONS_INIT;
    functions.context = owner.get();
    functions.release = [](void* context) { delete static_cast<Fn*>(context); };
    functions.epoch_end = [](void* context, kt_loop* loop, std::int64_t epoch,
                             const kt_logs* logs) {
      return detail::guarded(
          [&] { (*static_cast<Fn*>(context))(loop, epoch, detail::copy(logs)); });
    };
    kt_callback* made;
    check(kt_callback_from_functions(&functions, &made));
    owner.release();
    return Callback(made);
  }
};

/// Arrays of one call; they refer to tensors that must stay.
class Data {
 public:
  Data(const Tensor& x, const Tensor& y) : x_{x.get()}, y_{y.get()} {}
  Data(const std::vector<Tensor>& x, const std::vector<Tensor>& y)
      : x_(detail::bare(x)), y_(detail::bare(y)) {}
  Data& weighted(const Tensor& sample_weight) {
    weight_ = {sample_weight.get()};
    return *this;
  }
  kt_data get() const {
    return {sizeof(kt_data), x_.data(),      x_.size(),     y_.data(),
            y_.size(),       weight_.data(), weight_.size()};
  }

 private:
  std::vector<kt_tensor*> x_, y_, weight_;
};

using Print = std::function<void(const char* text)>;

/// kt_fit_options, with what they refer to.
struct FitOptions : kt_fit_options {
  FitOptions() : kt_fit_options(KT_FIT_OPTIONS_INIT) {}
  Print printer;
  std::vector<Callback> callback_list;
};

/// How a model is quantized.
struct QuantizeOptions {
  /// Inputs like those to come, which fix the scales; they must stay until the call returns.
  QuantizeOptions& calibrate(const Tensor& x) {
    calibration = {x.get()};
    return *this;
  }
  QuantizeOptions& calibrate(const std::vector<Tensor>& x) {
    calibration = detail::bare(x);
    return *this;
  }
  std::vector<kt_tensor*> calibration;
  double percentile = 100;          ///< of the magnitudes
  std::vector<std::string> layers;  ///< names; empty: all that can be
};

class Model : public detail::Handle<kt_model, kt_model_free> {
 public:
  using Handle::Handle;

  static Model sequential(const std::vector<Layer>& layers, const std::string& name = {}) {
    const auto handles = detail::bare(layers);
    return made([&](kt_model** out) {
      return kt_sequential_create(handles.data(), handles.size(), name.c_str(), out);
    });
  }
  template <class... Layers>
  static Model chain(Layers&&... layers) {
    return sequential(detail::list<Layer>(std::forward<Layers>(layers)...));
  }
  static Model functional(const std::vector<kt_symbolic*>& inputs,
                          const std::vector<kt_symbolic*>& outputs, const std::string& name = {}) {
    return made([&](kt_model** out) {
      return kt_model_create(inputs.data(), inputs.size(), outputs.data(), outputs.size(),
                             name.c_str(), out);
    });
  }
  static Model from_json(const std::string& json) {
    return made([&](kt_model** out) { return kt_model_from_json(json.c_str(), out); });
  }
  static Model load(const std::string& path, bool compile = true) {
    return made([&](kt_model** out) { return kt_model_load(path.c_str(), compile, out); });
  }

  std::string to_json() const {
    return text([&](char** out) { return kt_model_to_json(get(), out); });
  }
  /// The same architecture of new layers with new weights; not compiled.
  Model clone() const {
    return made([&](kt_model** out) { return kt_model_clone(get(), out); });
  }
  std::string summary(int width = 0) const {
    return text([&](char** out) { return kt_model_summary(get(), width, out); });
  }
  std::uint64_t weights_hash() const {
    std::uint64_t hash;
    check(kt_model_weights_hash(get(), &hash));
    return hash;
  }
  bool is_built() const { return kt_model_is_built(get()) != 0; }
  bool is_compiled() const { return kt_model_is_compiled(get()) != 0; }
  std::string compile_config() const {
    return text([&](char** out) { return kt_model_compile_config(get(), out); });
  }
  std::size_t input_count() const { return kt_model_input_count(get()); }
  std::size_t output_count() const { return kt_model_output_count(get()); }
  Symbolic input(std::size_t index = 0) const {
    kt_symbolic* tensor;
    check(kt_model_input(get(), index, &tensor));
    return Symbolic(tensor);
  }
  Symbolic output(std::size_t index = 0) const {
    kt_symbolic* tensor;
    check(kt_model_output(get(), index, &tensor));
    return Symbolic(tensor);
  }
  std::vector<Layer> layers() const {
    std::vector<Layer> all;
    for (std::size_t i = 0; i < kt_model_layer_count(get()); ++i) {
      kt_layer* layer;
      check(kt_model_layer(get(), i, &layer));
      all.emplace_back(layer);
    }
    return all;
  }
  Layer layer(const std::string& name) const {
    kt_layer* found;
    check(kt_model_layer_named(get(), name.c_str(), &found));
    return Layer(found);
  }
  /// A copy of one weight, by its path: "dense/kernel".
  Tensor weight(const std::string& path) const {
    kt_tensor* copy;
    check(kt_model_weight(get(), path.c_str(), &copy));
    return Tensor(copy);
  }
  void set_weight(const std::string& path, const Tensor& value) {
    check(kt_model_set_weight(get(), path.c_str(), value.get()));
  }
  Layer as_layer() const {
    kt_layer* layer;
    check(kt_model_as_layer(get(), &layer));
    return Layer(layer);
  }

  void build(const Shape& shape) { check(kt_model_build(get(), shape.data(), shape.size())); }
  void compile(const std::string& config) { check(kt_model_compile(get(), config.c_str())); }

  History fit(const Data& data, FitOptions options = FitOptions()) {
    const auto callbacks = detail::bare(options.callback_list);
    if (!callbacks.empty()) {
      options.callbacks = callbacks.data();
      options.n_callbacks = callbacks.size();
    }
    if (options.printer) {
      options.print = print;
      options.print_context = &options.printer;
    }
    const kt_data arrays = data.get();
    kt_history* history;
    check(kt_model_fit(get(), &arrays, &options, &history));
    return History(history);
  }
  Logs evaluate(const Data& data, std::int64_t batch_size = 0, const Print& printer = {}) {
    kt_evaluate_options options = KT_EVALUATE_OPTIONS_INIT;
    options.batch_size = batch_size;
    if (printer) {
      options.verbose = 1;
      options.print = print;
      options.print_context = const_cast<Print*>(&printer);
    }
    const kt_data arrays = data.get();
    kt_logs* logs;
    check(kt_model_evaluate(get(), &arrays, &options, &logs));
    return detail::take(logs);
  }
  Logs train_on_batch(const Data& data) {
    const kt_data arrays = data.get();
    kt_logs* logs;
    check(kt_model_train_on_batch(get(), &arrays, nullptr, &logs));
    return detail::take(logs);
  }
  /// Of a model with one input and one output.
  Tensor predict(const Tensor& x, std::int64_t batch_size = 0) const {
    kt_predict_options options = KT_PREDICT_OPTIONS_INIT;
    options.batch_size = batch_size;
    kt_tensor* const inputs[] = {x.get()};
    kt_tensor* result;
    check(kt_model_predict(get(), inputs, 1, &options, &result, 1));
    return Tensor(result);
  }

  void quantize(const std::string& mode = "int8", const QuantizeOptions& given = {}) {
    const auto& x = given.calibration;
    kt_data data = KT_DATA_INIT;
    data.x = x.data();
    data.n_x = x.size();
    kt_quantize_options options = KT_QUANTIZE_OPTIONS_INIT;
    if (!x.empty()) options.calibration = &data;
    options.percentile = given.percentile;
    std::string names;
    for (const std::string& name : given.layers)
      names += (names.empty() ? "[\"" : ", \"") + name + "\"";
    names += "]";
    if (!given.layers.empty()) options.layers = names.c_str();
    check(kt_model_quantize(get(), mode.c_str(), &options));
  }

  double learning_rate() const {
    double rate;
    check(kt_model_learning_rate(get(), &rate));
    return rate;
  }
  void set_learning_rate(double rate) { check(kt_model_set_learning_rate(get(), rate)); }
  void save(const std::string& path) const { check(kt_model_save(get(), path.c_str())); }
  void save_weights(const std::string& path) const {
    check(kt_model_save_weights(get(), path.c_str()));
  }
  void load_weights(const std::string& path) { check(kt_model_load_weights(get(), path.c_str())); }

 private:
  template <class Fn>
  static Model made(Fn&& fn) {
    kt_model* model;
    check(fn(&model));
    return Model(model);
  }
  template <class Fn>
  static std::string text(Fn&& fn) {
    char* string;
    check(fn(&string));
    return detail::take(string);
  }
  static void print(void* context, const char* text) { (*static_cast<Print*>(context))(text); }
};

/// Predictions that neither allocate nor wait, on memory of the caller's.
class Predictor : public detail::Handle<kt_predictor, kt_predictor_free> {
 public:
  using Handle::Handle;
  explicit Predictor(const Model& model, std::int64_t batch_size = 1,
                     const std::vector<Shape>& shapes = {}) {
    std::vector<const std::int64_t*> extents;
    std::vector<std::size_t> ranks;
    for (const Shape& shape : shapes) {
      extents.push_back(shape.data());
      ranks.push_back(shape.size());
    }
    kt_predictor* made;
    check(kt_predictor_create(model.get(), batch_size, extents.data(), ranks.data(), shapes.size(),
                              &made));
    *this = Predictor(made);
  }
  Predictor clone() const {
    kt_predictor* made;
    check(kt_predictor_clone(get(), &made));
    return Predictor(made);
  }
  std::size_t input_count() const { return kt_predictor_input_count(get()); }
  std::size_t output_count() const { return kt_predictor_output_count(get()); }
  kt_dtype input_dtype(std::size_t index = 0) const {
    return kt_predictor_input_dtype(get(), index);
  }
  kt_dtype output_dtype(std::size_t index = 0) const {
    return kt_predictor_output_dtype(get(), index);
  }
  Shape input_shape(std::size_t index = 0) const {
    const std::int64_t* extents = kt_predictor_input_shape(get(), index);
    return Shape(extents, extents + kt_predictor_input_rank(get(), index));
  }
  Shape output_shape(std::size_t index = 0) const {
    const std::int64_t* extents = kt_predictor_output_shape(get(), index);
    return Shape(extents, extents + kt_predictor_output_rank(get(), index));
  }
  /// As many pointers as there are inputs and outputs.
  void run(const void* const* inputs, void* const* outputs) {
    check(kt_predictor_run(get(), inputs, input_count(), outputs, output_count()));
  }
  /// Of one input and one output.
  void run(const void* input, void* output) {
    check(kt_predictor_run(get(), &input, 1, &output, 1));
  }
};

class Csv : public detail::Handle<kt_csv, kt_csv_free> {
 public:
  using Handle::Handle;
  explicit Csv(const std::string& path) {
    kt_csv* made;
    check(kt_csv_read(path.c_str(), &made));
    *this = Csv(made);
  }
  std::size_t rows() const { return kt_csv_row_count(get()); }
  std::vector<std::string> columns() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kt_csv_column_count(get()); ++i)
      names.push_back(kt_csv_column_name(get(), i));
    return names;
  }
  std::string cell(std::size_t row, std::size_t column) const {
    const char* text = kt_csv_cell(get(), row, column);
    if (!text) throw Error(KT_ERROR_INVALID_ARGUMENT, "table: no such cell");
    return text;
  }
  Tensor numbers(const std::vector<std::string>& columns) const {
    std::vector<const char*> names;
    for (const std::string& name : columns) names.push_back(name.c_str());
    kt_tensor* made;
    check(kt_csv_numbers(get(), names.data(), names.size(), &made));
    return Tensor(made);
  }
};

}  // namespace kt

#endif  // KERATIN_KERATIN_HPP
