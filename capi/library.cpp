#include "capi/border.h"
#include "core/random.h"
#include "core/threads.h"
#include "nn/layers/layer.h"

using namespace keratin;
using namespace keratin::capi;

#define KT_TEXT_OF(x) #x
#define KT_TEXT(x) KT_TEXT_OF(x)

const char* kt_version(void) {
  return KT_TEXT(KT_VERSION_MAJOR) "." KT_TEXT(KT_VERSION_MINOR) "." KT_TEXT(KT_VERSION_PATCH);
}

void kt_set_random_seed(uint64_t seed) { set_global_seed(seed); }

int kt_num_threads(void) {
  try {
    return num_threads();
  } catch (...) {
    return 1;
  }
}

kt_error* kt_set_num_threads(int count) {
  return guard([&] { set_num_threads(count); });
}

kt_error* kt_set_dtype_policy(const char* name) {
  return guard([&] { set_dtype_policy(&need(name, "name")); });
}

kt_error* kt_dtype_policy(char** name) {
  return give(name, "name", [] { return make_string(dtype_policy()); });
}

kt_error* kt_set_remat(const char* mode, int64_t output_size_threshold,
                       const char* const* layer_names, size_t count) {
  return guard([&] {
    Remat remat{remat_mode(&need(mode, "mode")), output_size_threshold, {}};
    require(layer_names != nullptr || count == 0, "the argument 'layer_names' is NULL");
    for (size_t i = 0; i < count; ++i) {
      require(layer_names[i] != nullptr, "layer_names[", i, "] is NULL");
      remat.layer_names.emplace_back(layer_names[i]);
    }
    set_remat(std::move(remat));
  });
}

void kt_reset_names(void) { reset_names(); }
