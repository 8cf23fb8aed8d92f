// How loops and callbacks write and read models: given by whoever starts the loop, for src/io is
// above us.
#pragma once

#include <map>
#include <string>

#include "model/model.h"

namespace keratin {

class ModelFiles {
 public:
  virtual ~ModelFiles() = default;
  virtual void save(const Model& model, const std::string& path, bool weights_only) const = 0;

  // Keras' weights file, with the optimizer's state and random states, and more tensors beside them
  // that Keras does not look at. The file is there whole or not at all.
  using More = std::map<std::string, Tensor>;
  virtual void save_state(const Model& model, const std::string& path, const More& more) const = 0;
  // And back; the optimizer must be built.
  virtual More load_state(Model& model, const std::string& path) const = 0;

  // A file, whole; written aside and renamed.
  virtual void write_text(const std::string& path, const std::string& text) const = 0;
  virtual std::string read_text(const std::string& path) const = 0;
};

}  // namespace keratin
