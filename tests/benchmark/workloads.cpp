#include "workloads.h"

#include <nlohmann/json.hpp>

namespace bench {
namespace {

using Json = nlohmann::json;

kt::Symbolic call(const char* class_name, const Json& config, std::vector<kt_symbolic*> inputs) {
  const kt::Layer layer(class_name, config.dump());
  kt_symbolic* made;
  kt::check(kt_layer_call(layer.get(), inputs.data(), inputs.size(), KT_AS_RUN, &made, 1));
  return kt::Symbolic(made);
}

kt::Symbolic call(const char* class_name, const Json& config, const kt::Symbolic& x) {
  return call(class_name, config, std::vector<kt_symbolic*>{x.get()});
}

kt::Symbolic dense(const kt::Symbolic& x, int units, const char* activation = "linear") {
  return call("Dense", {{"units", units}, {"activation", activation}}, x);
}

kt::Symbolic conv(const kt::Symbolic& x, int filters) {
  return call("Conv2D", {{"filters", filters}, {"kernel_size", {3, 3}}, {"activation", "relu"}}, x);
}

kt::Symbolic mlp_tiny(const kt::Symbolic& x) {
  return dense(dense(dense(x, 10, "relu"), 5, "relu"), 1, "sigmoid");
}

kt::Symbolic mlp_mnist(const kt::Symbolic& x) {
  return dense(dense(dense(x, 512, "relu"), 512, "relu"), 10);
}

kt::Symbolic cnn_mnist(const kt::Symbolic& x) {
  const kt::Symbolic pooled = call("MaxPooling2D", {{"pool_size", {2, 2}}}, conv(conv(x, 32), 64));
  return dense(dense(call("Flatten", Json::object(), pooled), 128, "relu"), 10);
}

// Convolution and batch normalization.
kt::Symbolic conv_norm(const kt::Symbolic& x, int width, int stride, int size = 3) {
  const Json config{{"filters", width},
                    {"kernel_size", {size, size}},
                    {"strides", {stride, stride}},
                    {"padding", "same"},
                    {"use_bias", false}};
  return call("BatchNormalization", Json::object(), call("Conv2D", config, x));
}

kt::Symbolic relu(const kt::Symbolic& x) { return call("ReLU", Json::object(), x); }

kt::Symbolic residual(const kt::Symbolic& x, int width, int stride) {
  const kt::Symbolic inner = conv_norm(relu(conv_norm(x, width, stride)), width, 1);
  if (stride == 1) return relu(call("Add", Json::object(), {inner.get(), x.get()}));
  const kt::Symbolic projected = conv_norm(x, width, stride, 1);
  return relu(call("Add", Json::object(), {inner.get(), projected.get()}));
}

kt::Symbolic resnet20(const kt::Symbolic& image) {
  kt::Symbolic x = relu(conv_norm(image, 16, 1));
  for (const int width : {16, 32, 64})
    for (int block = 0; block < 3; ++block)
      x = residual(x, width, width > 16 && block == 0 ? 2 : 1);
  return dense(call("GlobalAveragePooling2D", Json::object(), x), 10);
}

kt::Symbolic lstm(const kt::Symbolic& x) { return dense(call("LSTM", {{"units", 128}}, x), 10); }
kt::Symbolic gru(const kt::Symbolic& x) { return dense(call("GRU", {{"units", 128}}, x), 10); }

// x + y, normalised.
kt::Symbolic add_norm(const kt::Symbolic& x, const kt::Symbolic& y) {
  return call("LayerNormalization", {{"epsilon", 1e-5}},
              call("Add", Json::object(), {x.get(), y.get()}));
}

kt::Symbolic transformer(const kt::Symbolic& input) {
  const auto block = [](const kt::Symbolic& x) {
    const kt::Symbolic attended =
        call("MultiHeadAttention", {{"num_heads", 4}, {"key_dim", 64}}, {x.get(), x.get()});
    const kt::Symbolic h = add_norm(x, attended);
    return add_norm(h, dense(dense(h, 1024, "gelu"), 256));
  };
  return dense(call("GlobalAveragePooling1D", Json::object(), block(block(input))), 10);
}

struct Entry {
  const char* name;
  kt::Shape input;
  std::int64_t batch, steps;
  kt::Symbolic (*make)(const kt::Symbolic&);
  const char* optimizer;
  const char* layer;  // the one that makes it what it is
};

const std::vector<Entry>& entries() {
  constexpr const char* kAdam = "adam";
  static const std::vector<Entry> all = {
      {"mlp_tiny", {8}, 10, 200, mlp_tiny, kAdam, "Dense"},
      {"mlp_mnist", {784}, 128, 40, mlp_mnist, kAdam, "Dense"},
      {"cnn_mnist", {28, 28, 1}, 64, 10, cnn_mnist, kAdam, "Conv2D"},
      {"resnet20", {32, 32, 3}, 64, 8, resnet20, "sgd", "BatchNormalization"},
      {"lstm", {100, 32}, 64, 8, lstm, kAdam, "LSTM"},
      {"gru", {100, 32}, 64, 8, gru, kAdam, "GRU"},
      {"transformer", {128, 256}, 16, 6, transformer, kAdam, "MultiHeadAttention"},
  };
  return all;
}

Json compile_config(const Entry& entry) {
  Json optimizer = {{"class_name", "Adam"}, {"config", {{"learning_rate", 1e-3}}}};
  if (entry.optimizer == std::string("sgd"))
    optimizer = {{"class_name", "SGD"}, {"config", {{"learning_rate", 0.01}, {"momentum", 0.9}}}};
  Json loss = "binary_crossentropy";
  if (entry.make != mlp_tiny)
    loss = {{"class_name", "SparseCategoricalCrossentropy"}, {"config", {{"from_logits", true}}}};
  return {{"optimizer", optimizer}, {"loss", loss}};
}

std::int64_t elements(const kt::Shape& shape) {
  std::int64_t n = 1;
  for (const std::int64_t extent : shape) n *= extent;
  return n;
}

// Standard normal floats, or small integers.
kt::Tensor random_tensor(kt_dtype dtype, const kt::Shape& shape, std::mt19937& random,
                         std::int64_t below = 2) {
  const auto n = static_cast<std::size_t>(elements(shape));
  if (dtype == KT_FLOAT32) {
    std::normal_distribution<float> normal;
    std::vector<float> values(n);
    for (float& value : values) value = normal(random);
    return kt::Tensor(shape, std::move(values));
  }
  std::uniform_int_distribution<std::int32_t> uniform(0, static_cast<std::int32_t>(below - 1));
  std::vector<std::int32_t> values(n);
  for (std::int32_t& value : values) value = uniform(random);
  return kt::Tensor(shape, std::move(values));
}

kt::Shape with_rows(kt::Shape shape, std::int64_t rows) {
  shape[0] = rows;
  return shape;
}

}  // namespace

std::vector<std::string> workload_names() {
  const auto is_known = [](const char* layer) {
    char* json = nullptr;
    kt_error* error = kt_registry_class("layers", layer, &json);
    kt_string_free(json);
    kt_error_free(error);
    return error == nullptr;
  };
  std::vector<std::string> names;
  for (const Entry& entry : entries())
    if (is_known(entry.layer)) names.emplace_back(entry.name);
  return names;
}

Workload make_workload(const std::string& name) {
  for (const Entry& entry : entries()) {
    if (name != entry.name) continue;
    const kt::Symbolic input = kt::input(entry.input);
    const kt::Symbolic output = entry.make(input);
    kt::Model model = kt::Model::functional({input.get()}, {output.get()}, name);
    model.compile(compile_config(entry).dump());
    return {std::move(model), entry.batch, entry.steps};
  }
  throw kt::Error(KT_ERROR_NOT_FOUND, "there is no workload '" + name + "'");
}

Workload workload_of(const std::string& name) {
  if (!name.ends_with(".keras")) return make_workload(name);
  return {kt::Model::load(name), 32, 20};
}

std::vector<kt::Tensor> random_inputs(const kt::Model& model, std::int64_t rows,
                                      std::mt19937& random) {
  std::vector<kt::Tensor> inputs;
  for (std::size_t i = 0; i < model.input_count(); ++i)
    inputs.push_back(
        random_tensor(model.input(i).dtype(), with_rows(model.input(i).shape(), rows), random));
  return inputs;
}

std::vector<kt::Tensor> random_targets(const kt::Model& model, std::int64_t rows,
                                       std::mt19937& random) {
  const bool sparse = model.compile_config().find("SparseCategorical") != std::string::npos ||
                      model.compile_config().find("sparse_categorical") != std::string::npos;
  std::vector<kt::Tensor> targets;
  for (std::size_t i = 0; i < model.output_count(); ++i) {
    kt::Shape shape = with_rows(model.output(i).shape(), rows);
    if (!sparse) {
      targets.push_back(random_tensor(KT_INT32, shape, random));
      continue;
    }
    const std::int64_t classes = shape.back();
    shape.back() = 1;
    targets.push_back(random_tensor(KT_INT32, shape, random, classes));
  }
  return targets;
}

}  // namespace bench
