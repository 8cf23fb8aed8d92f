// Small networks and data through the C ABI.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "keratin/keratin.hpp"

namespace keratin::test {

// An error's code, 0 for none; the error is freed.
inline kt_code code_of(kt_error* error) {
  const kt_code code = kt_error_code(error);
  kt_error_free(error);
  return code;
}

inline std::string message_of(kt_error* error) {
  const std::string message = kt_error_message(error);
  kt_error_free(error);
  return message;
}

inline kt::Layer layer(const char* class_name, const std::string& config = "{}") {
  return kt::Layer(class_name, config);
}

inline kt::Tensor waves(const kt::Shape& shape, float step) {
  std::int64_t n = 1;
  for (const std::int64_t extent : shape) n *= extent;
  std::vector<float> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(step * static_cast<float>(i));
  return kt::Tensor(shape, std::move(values));
}

// 0 or 1.
inline kt::Tensor labels(std::int64_t rows) {
  std::vector<float> values(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (i * 7 % 5) < 2;
  const kt::Shape shape{rows, 1};
  return kt::Tensor(shape, std::move(values));
}

// input - Dense hidden relu - (more) - Dense 1 sigmoid, compiled.
struct NetOptions {
  std::int64_t input = 8, hidden = 10;
  std::string optimizer = "\"adam\"", metrics = "[\"accuracy\"]";
  std::vector<std::pair<const char*, std::string>> more = {};
};

inline kt::Model net(const NetOptions& options = {}) {
  std::vector<kt::Layer> layers;
  layers.push_back(layer("InputLayer", "{\"shape\": [" + std::to_string(options.input) + "]}"));
  layers.push_back(layer(
      "Dense", "{\"units\": " + std::to_string(options.hidden) + ", \"activation\": \"relu\"}"));
  for (const auto& [name, config] : options.more) layers.push_back(layer(name, config));
  layers.push_back(layer("Dense", "{\"units\": 1, \"activation\": \"sigmoid\"}"));
  kt::Model model = kt::Model::sequential(layers);
  model.compile("{\"optimizer\": " + options.optimizer +
                ", \"loss\": \"binary_crossentropy\", \"metrics\": " + options.metrics + "}");
  return model;
}

inline kt::FitOptions fit_options(std::int64_t epochs, std::int64_t batch) {
  kt::FitOptions options;
  options.epochs = epochs;
  options.batch_size = batch;
  return options;
}

}  // namespace keratin::test
