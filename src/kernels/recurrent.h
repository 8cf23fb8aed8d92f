// Recurrent layers over a whole sequence: what depends on the inputs alone (`projected`) comes
// ready; here the state goes from step to step. Batches are cut into pieces for threads by shape
// alone; each runs through all of time by itself.
//
// With m = h_before x recurrent_kernel (+ recurrent_bias) and x of `projected`, gates side by side:
//   kSimple     h = activation(x + m)
//   kLstm       i, f, g, o = gate, gate, activation, gate of x + m; c = f c_before + i g;
//               h = o activation(c)
//   kGru        z, r = gate of x + m; g = activation(x + r m); h = z h_before + (1 - z) g
//   kGruBefore  as kGru, but for g, where m = (r h_before) x recurrent_kernel
// A masked step leaves the state as it is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/precision.h"

namespace keratin::kernels {

enum class RecurrentCell { kSimple, kLstm, kGru, kGruBefore };
enum class RecurrentFn { kLinear, kTanh, kSigmoid, kHardSigmoid, kRelu };

struct RecurrentShape {
  RecurrentCell cell;
  RecurrentFn activation, gate;
  bool go_backwards;  // step s is at time `time - 1 - s`
  std::int64_t batch, time, units;
  Precision precision = Precision::kFull;  // of products of float

  std::int64_t gates() const {  // of a projection
    return cell == RecurrentCell::kSimple ? 1 : cell == RecurrentCell::kLstm ? 4 : 3;
  }
  // What is kept of a step for its gradient, in units.
  std::int64_t kept() const {
    return cell == RecurrentCell::kSimple ? 0 : cell == RecurrentCell::kGruBefore ? 3 : 4;
  }
};

template <class T>
struct Recurrence {
  const T* projected;         // [batch, time, gates * units]
  const T* recurrent_kernel;  // [units, gates * units]
  const T* recurrent_bias;    // kGru: [gates * units], or NULL
  const T* h;                 // the initial state [batch, units]
  const T* c;                 // kLstm: [batch, units]
  const T* mask;              // [batch, time], 0: masked; or NULL
  T* outputs;                 // h of each step, in order of steps: [batch, time, units]
  T* last_h;                  // [batch, units]
  T* last_c;                  // kLstm: [batch, units]
  // For a gradient; NULL: nothing is kept.
  T* kept;   // in order of steps: [batch, time, kept * units]
  T* cells;  // kLstm: c of each step [batch, time, units]
};

template <class T>
struct RecurrenceGradient {
  const T *recurrent_kernel, *h, *c, *mask, *outputs, *kept, *cells;  // as above
  const T *d_outputs, *d_last_h, *d_last_c;                           // each may be NULL: zero
  T *d_projected, *d_recurrent_kernel, *d_recurrent_bias, *d_h, *d_c;
};

// Bytes of scratch, 64-byte aligned, that the two below want.
std::size_t recurrence_scratch(const RecurrentShape& shape, DType dtype, bool keep);
std::size_t recurrence_gradient_scratch(const RecurrentShape& shape, DType dtype);

void recurrence(const RecurrentShape& shape, const Recurrence<float>& r, void* scratch);
void recurrence(const RecurrentShape& shape, const Recurrence<double>& r, void* scratch);
void recurrence_gradient(const RecurrentShape& shape, const RecurrenceGradient<float>& r,
                         void* scratch);
void recurrence_gradient(const RecurrentShape& shape, const RecurrenceGradient<double>& r,
                         void* scratch);

}  // namespace keratin::kernels
