// What stands behind a kt_symbolic: a tensor of a functional model, or a value of the graph that is
// being made while a custom layer, loss or metric is called.
#pragma once

#include <memory>
#include <vector>

#include "capi/border.h"
#include "model/symbolic.h"

namespace keratin::capi {

// A custom call, as its values see it.
struct Call {
  bool over = false;
};

}  // namespace keratin::capi

struct kt_symbolic {
  keratin::KerasTensor tensor;                      // of a functional model, or
  keratin::Value value;                             // of a custom call,
  std::shared_ptr<const keratin::capi::Call> call;  // which is this one
  keratin::Spec spec;
};

namespace keratin::capi {

kt_symbolic* make_symbolic(KerasTensor tensor);
kt_symbolic* make_symbolic(Value value, std::shared_ptr<const Call> call);

// Errors name the argument.
std::vector<KerasTensor> keras_tensors_of(kt_symbolic* const* symbolics, std::size_t count,
                                          const char* name);
// The value, which must belong to this call.
Value value_of(const kt_symbolic* symbolic, const Call* call, const char* name);

}  // namespace keratin::capi
