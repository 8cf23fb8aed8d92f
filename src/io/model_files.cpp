#include "io/model_files.h"

#include "io/file.h"
#include "io/hdf5.h"
#include "io/keras_file.h"
#include "io/model_state.h"

namespace keratin::io {
namespace {

constexpr const char* kMore = "training";  // the group of what Keras does not look at

class Files : public ModelFiles {
 public:
  void save(const Model& model, const std::string& path, bool weights_only) const override {
    weights_only ? save_weights(model, path) : save_model(model, path);
  }
  void save_state(const Model& model, const std::string& path, const More& more) const override {
    Hdf5Group root = write_state(model);
    root.make(kMore).datasets = more;
    write_file(path, write_hdf5(root));
  }
  More load_state(Model& model, const std::string& path) const override {
    const std::string bytes = read_file(path);
    const Hdf5Group root = read_hdf5(bytes.data(), bytes.size(), path);
    read_state(model, root);
    const Hdf5Group* more = root.find(kMore);
    return more ? more->datasets : More{};
  }
  void write_text(const std::string& path, const std::string& text) const override {
    write_file(path, text);
  }
  std::string read_text(const std::string& path) const override { return read_file(path); }
};

}  // namespace

const ModelFiles& model_files() {
  static const Files files;
  return files;
}

}  // namespace keratin::io
