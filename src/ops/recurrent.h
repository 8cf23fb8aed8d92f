// Recurrent layers over a whole sequence, see kernels/recurrent.h for the formulas.
#pragma once

#include "graph/graph.h"
#include "kernels/recurrent.h"

namespace keratin::ops {

struct RecurrentInputs {
  Value projected;         // [batch, time, gates * units]: what depends on the inputs alone
  Value recurrent_kernel;  // [units, gates * units]
  Value h;                 // the initial state [batch, units]
  Value c;                 // kLstm alone: [batch, units]
  Value recurrent_bias;    // kGru, or null: [gates * units]
  Value mask;              // or null: [batch, time], 0: masked
};

struct RecurrentOutputs {
  Value outputs;  // of all steps in the order in which they are taken: [batch, time, units]
  Value last_h;   // [batch, units]
  Value last_c;   // kLstm alone
};

// batch, time and units of `form` are not read: they are the inputs'. Without `keep`, what a
// gradient needs of the steps is not kept but, where one is asked for, computed once more.
RecurrentOutputs recurrent(const RecurrentInputs& inputs, const kernels::RecurrentShape& form,
                           bool keep = true);

}  // namespace keratin::ops
