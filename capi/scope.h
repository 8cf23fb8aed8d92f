// One call of a function of a custom class, as that function sees it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "capi/symbolic.h"
#include "core/attributes.h"

struct kt_scope {
  const keratin::Object& object;  // at work
  std::string config;             // of it, as JSON
  bool training = false;

  // What the function may do besides; empty where it may not.
  std::function<void(const char* name, keratin::Shape shape, const keratin::Json& options)>
      add_weight;
  std::function<keratin::Value(const char* name)> weight;
  std::function<void(const char* name, keratin::Value value)> assign;
  std::function<void(keratin::Value loss)> add_loss;

  std::shared_ptr<keratin::capi::Call> call = std::make_shared<keratin::capi::Call>();

  explicit kt_scope(const keratin::Object& at_work, bool is_training = false);
  ~kt_scope() { call->over = true; }
  kt_scope(const kt_scope&) = delete;
};

namespace keratin::capi {

// Calls fn(inputs, outputs), a function of the caller's that leaves n_outputs symbolics, and gives
// back what these stand for.
using ComposeFn = std::function<kt_error*(kt_symbolic* const* inputs, kt_symbolic** outputs)>;
std::vector<Value> compose(kt_scope& scope, std::span<const Value> inputs, std::size_t n_outputs,
                           const ComposeFn& fn);

}  // namespace keratin::capi
