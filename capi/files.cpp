#include "capi/handles.h"
#include "io/keras_file.h"

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_model_save(const kt_model* model, const char* path) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    need(path, "path");
    const Reading reading(m);
    io::save_model(*m, path);
  });
}

kt_error* kt_model_load(const char* path, int compile, kt_model** model) {
  return give(model, "model",
              [&] { return new kt_model{io::load_model(&need(path, "path"), compile != 0)}; });
}

kt_error* kt_model_save_weights(const kt_model* model, const char* path) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    need(path, "path");
    const Reading reading(m);
    io::save_weights(*m, path);
  });
}

kt_error* kt_model_load_weights(kt_model* model, const char* path) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    need(path, "path");
    const Changing changing(m, true);
    io::load_weights(*m, path);
  });
}
