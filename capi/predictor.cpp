#include "model/predictor.h"

#include <atomic>

#include "capi/handles.h"

struct kt_predictor {
  keratin::Predictor predictor;
  std::atomic<bool> busy{false};
};

using namespace keratin;
using namespace keratin::capi;

namespace {

// One thread at a time; who comes second gets an error and does not wait.
class Use {
 public:
  explicit Use(kt_predictor& predictor) : busy_(predictor.busy) {
    if (busy_.exchange(true, std::memory_order_acquire))
      fail(Code::kState, "the predictor is in use by another thread");
  }
  ~Use() { busy_.store(false, std::memory_order_release); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  std::atomic<bool>& busy_;
};

void check_pointers(const void* const* pointers, std::size_t count, std::size_t expected,
                    const char* name) {
  require(count == expected, "the predictor has ", expected, " ", name, ", got ", count);
  need(pointers, name);
  for (std::size_t i = 0; i < count; ++i)
    require(pointers[i] != nullptr, name, "[", i, "] is NULL");
}

// NULL where there is none.
const Spec* spec_of(const kt_predictor* predictor, std::size_t index, bool input) {
  if (!predictor) return nullptr;
  const Predictor& p = predictor->predictor;
  const std::vector<Spec>& specs = input ? p.inputs() : p.outputs();
  return index < specs.size() ? &specs[index] : nullptr;
}
kt_dtype dtype_of_spec(const Spec* spec) { return spec ? kt_dtype(spec->dtype) : 0; }
std::size_t rank_of(const Spec* spec) { return spec ? spec->shape.size() : 0; }
const std::int64_t* extents_of(const Spec* spec) { return spec ? spec->shape.data() : nullptr; }

}  // namespace

kt_error* kt_predictor_create(const kt_model* model, int64_t batch_size,
                              const int64_t* const* shapes, const size_t* ranks, size_t n_shapes,
                              kt_predictor** predictor) {
  return give(predictor, "predictor", [&] {
    const ModelPtr& m = need(model, "model").model;
    check_list(shapes, n_shapes, "shapes");
    check_list(ranks, n_shapes, "ranks");
    std::vector<Shape> given;
    for (std::size_t i = 0; i < n_shapes; ++i)
      given.push_back(shape_of(shapes[i], ranks[i], false));
    const Reading reading(m);
    return new kt_predictor{Predictor(*m, batch_size, given)};
  });
}

kt_error* kt_predictor_clone(const kt_predictor* predictor, kt_predictor** clone) {
  return give(clone, "clone",
              [&] { return new kt_predictor{need(predictor, "predictor").predictor.clone()}; });
}

size_t kt_predictor_input_count(const kt_predictor* predictor) {
  return look(predictor, [](const kt_predictor& p) { return p.predictor.inputs().size(); });
}
size_t kt_predictor_output_count(const kt_predictor* predictor) {
  return look(predictor, [](const kt_predictor& p) { return p.predictor.outputs().size(); });
}

kt_dtype kt_predictor_input_dtype(const kt_predictor* predictor, size_t index) {
  return dtype_of_spec(spec_of(predictor, index, true));
}
size_t kt_predictor_input_rank(const kt_predictor* predictor, size_t index) {
  return rank_of(spec_of(predictor, index, true));
}
const int64_t* kt_predictor_input_shape(const kt_predictor* predictor, size_t index) {
  return extents_of(spec_of(predictor, index, true));
}
kt_dtype kt_predictor_output_dtype(const kt_predictor* predictor, size_t index) {
  return dtype_of_spec(spec_of(predictor, index, false));
}
size_t kt_predictor_output_rank(const kt_predictor* predictor, size_t index) {
  return rank_of(spec_of(predictor, index, false));
}
const int64_t* kt_predictor_output_shape(const kt_predictor* predictor, size_t index) {
  return extents_of(spec_of(predictor, index, false));
}

kt_error* kt_predictor_run(kt_predictor* predictor, const void* const* inputs, size_t n_inputs,
                           void* const* outputs, size_t n_outputs) {
  return guard([&] {
    Predictor& p = need(predictor, "predictor").predictor;
    check_pointers(inputs, n_inputs, p.inputs().size(), "inputs");
    check_pointers(outputs, n_outputs, p.outputs().size(), "outputs");
    const Use use(*predictor);
    p.run(inputs, outputs);
  });
}

void kt_predictor_free(kt_predictor* predictor) { delete predictor; }
