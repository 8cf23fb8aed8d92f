// TensorBoard's event files: TFRecord frames (length, masked CRC-32C, payload, masked CRC-32C) of
// tensorflow.Event messages, of which the few fields that are needed are written here.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace keratin {

class EventFile {
 public:
  // A new file in the folder, which is made where needed. Throws kIo, as all below do.
  explicit EventFile(const std::string& folder);

  void scalar(const std::string& tag, std::int64_t step, double value);
  // Of floating elements: 30 buckets from the least to the greatest.
  void histogram(const std::string& tag, std::int64_t step, const Tensor& values);
  // The first three images of [count, height, width, channels], elements from 0 to 1.
  void image(const std::string& tag, std::int64_t step, const Tensor& images);
  // A model's JSON, which the graph page shows.
  void keras_model(const std::string& tag, std::int64_t step, const std::string& json);
  void flush();

 private:
  void add_value(const std::string& tag, std::int64_t step, const char* plugin,
                 const std::string& content, const std::string& tensor);
  void add_event(std::int64_t step, const std::string& fields);
  void check() const;

  std::string path_;
  std::ofstream file_;
};

}  // namespace keratin
