#include "io/keras_file.h"

#include <ctime>

#include "core/error.h"
#include "core/json_text.h"
#include "io/file.h"
#include "io/legacy_h5.h"
#include "io/model_state.h"
#include "io/npy.h"
#include "io/safetensors.h"
#include "io/weights_by_path.h"
#include "io/zip.h"
#include "model/compile.h"

namespace keratin::io {
namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr const char* kSafetensors = ".safetensors";
constexpr const char* kNpz = ".npz";
constexpr const char* kKerasVersion = "3.15.1";  // whose form the files have

// Runs fn; an error gets the file's name in front, once.
template <class Fn>
auto naming(const std::string& path, Fn&& fn) {
  try {
    return fn();
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.starts_with(path)) throw;
    fail(error.code(), path, ": ", message);
  } catch (const std::bad_alloc&) {
    fail(Code::kOutOfMemory, path, ": no memory to hold it");
  }
}

const std::string& member(const std::map<std::string, std::string>& members, const char* name,
                          const std::string& path) {
  const auto found = members.find(name);
  if (found == members.end())
    fail(Code::kCorrupt, path, ": not a Keras model: the archive has no '", name, "'");
  return found->second;
}

Hdf5Group parse_weights(const std::string& bytes, const std::string& path) {
  return read_hdf5(bytes.data(), bytes.size(), path);
}

bool is_hdf5(const std::string& bytes) { return bytes.starts_with("\x89HDF"); }

void read_weights(Model& model, const Hdf5Group& root) {
  is_legacy(root) ? load_legacy_weights(model, root) : read_state(model, root);
}

std::string metadata() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d@%H:%M:%S", &utc);
  return Json{{"keras_version", kKerasVersion}, {"date_saved", date}}.dump();
}

}  // namespace

ModelPtr load_model(const std::string& path, bool compile_it) {
  return naming(path, [&] {
    // Each form of the weights goes before the next but one comes: they are most of the memory.
    std::string bytes = read_file(path);
    if (is_hdf5(bytes)) return load_legacy_model(parse_weights(bytes, path), compile_it);
    auto members = read_zip(bytes, path);
    std::string().swap(bytes);
    const Json config = parse_json(member(members, kConfig, path), path + ": " + kConfig);
    const Hdf5Group weights = parse_weights(member(members, kWeights, path), path);
    members.erase(kWeights);
    if (!config.is_object()) fail(Code::kCorrupt, path, ": ", kConfig, " is not an object");
    const ModelPtr model = without_initial_values(config);
    read_assets(*model, members);
    quantize_as(*model, weights);
    if (compile_it && config.contains("compile_config") && config["compile_config"].is_object() &&
        !config["compile_config"].empty()) {
      compile(model, config["compile_config"]);
      if (model->built()) model->compiled->build_optimizer(*model);
      // Saved before it was trained: the optimizer is built when it is, from the weights read here.
      const Hdf5Group* state = weights.find("optimizer/vars");
      if (state && state->datasets.size() != model->compiled->optimizer->variables().size())
        compile(model, config["compile_config"]);
    }
    read_state(*model, weights);
    return model;
  });
}

void save_model(const Model& model, const std::string& path) {
  require(path.ends_with(".keras"), "a model's file must end in '.keras', got '", path, "'");
  Json config = model.to_json();
  config["compile_config"] = model.compiled ? model.compiled->config() : Json::object();
  std::map<std::string, std::string> members = {{kMetadata, metadata()},
                                                {kConfig, json_text(config, true)},
                                                {kWeights, write_hdf5(write_state(model))}};
  for (auto& member : write_assets(model)) members.insert(member);
  write_file(path, write_zip(members));
}

void load_weights(Model& model, const std::string& path) {
  if (!model.built())
    fail(Code::kState, "model '", model.name, "' is not built: it has no weights");
  // A callback may do so while its model trains.
  const Usage::Exclusive exclusive(model.usage, model.name, false);
  naming(path, [&] {
    const std::string bytes = read_file(path);
    if (path.ends_with(kSafetensors))
      set_weights_by_path(model, read_safetensors(bytes, path));
    else if (path.ends_with(kNpz))
      set_weights_by_path(model, read_npz(bytes, path));
    else if (bytes.starts_with("PK"))
      read_state(model, parse_weights(member(read_zip(bytes, path), kWeights, path), path));
    else
      read_weights(model, parse_weights(bytes, path));
  });
}

void save_weights(const Model& model, const std::string& path) {
  if (!model.built())
    fail(Code::kState, "model '", model.name, "' is not built: it has no weights");
  if (path.ends_with(kSafetensors))
    write_file(path, write_safetensors(weights_by_path(model)));
  else if (path.ends_with(kNpz))
    write_file(path, write_npz(weights_by_path(model)));
  else if (path.ends_with(".weights.h5"))
    write_file(path, write_hdf5(write_state(model)));
  else
    fail(Code::kInvalidArgument, "a weights file must end in '.weights.h5', '", kSafetensors,
         "' or '", kNpz, "', got '", path, "'");
}

}  // namespace keratin::io
