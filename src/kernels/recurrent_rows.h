// What a recurrent layer does element by element at one step, for a piece of the batch, compiled
// for each instruction set. Row r of a matrix begins at r times its `_row`.
#pragma once

#include "kernels/recurrent.h"

namespace keratin::kernels {

template <class T>
struct StepRows {
  RecurrentFn activation, gate;
  std::int64_t rows, units;
  const T* mask;  // of this step, or NULL
  std::int64_t mask_row;
  const T* x;  // of the projection
  std::int64_t x_row;
  T* kept;  // in: m, the product of state and kernel (kSimple: in h)
  std::int64_t kept_row;
  const T* h_before;
  std::int64_t h_before_row;
  const T* c_before;
  std::int64_t c_before_row;
  const T* bias;  // or NULL
  T* h;
  std::int64_t h_row;
  T* c;  // may be c_before itself
  std::int64_t c_row;
  T* reset;  // kGruBefore: r h_before, [rows, units]
};

template <class T>
struct StepGradientRows {
  RecurrentFn activation, gate;
  std::int64_t rows, units;
  const T* mask;
  std::int64_t mask_row;
  const T* kept;
  std::int64_t kept_row;
  const T* h_before;
  std::int64_t h_before_row;
  const T* c_before;
  std::int64_t c_before_row;
  const T *h, *c;
  std::int64_t h_row;
  const T* d_output;  // of this step, or NULL
  std::int64_t d_output_row;
  T *dh, *dc;  // [rows, units]. In: of the state after the step; out: of that before, without m's
  T* dx;       // of the projection
  std::int64_t dx_row;
  T* dm;  // kGru: of m
  std::int64_t dm_row;
  T *reset, *d_reset;  // kGruBefore: of r h_before; reset has rows of h_row
};

template <class T>
struct RecurrentRows {
  void (*simple)(const StepRows<T>&);
  void (*lstm)(const StepRows<T>&);
  void (*gru)(const StepRows<T>&);
  void (*gru_before_reset)(const StepRows<T>&);  // z, r and `reset`
  void (*gru_before)(const StepRows<T>&);        // what follows
  void (*simple_gradient)(const StepGradientRows<T>&);
  void (*lstm_gradient)(const StepGradientRows<T>&);
  void (*gru_gradient)(const StepGradientRows<T>&);
  void (*gru_before_gradient)(const StepGradientRows<T>&);        // z and g, and makes `reset`
  void (*gru_before_reset_gradient)(const StepGradientRows<T>&);  // r, with d_reset
};

// c[4 panels] (+)= a[k] B, of B's panels four that lie `stride` floats apart, each [k, width of
// GemmKernels::columns]: for a single row, whose products one panel alone leaves waiting for one
// another.
using RowProduct = void (*)(const float* a, std::int64_t k, const float* panels,
                            std::int64_t stride, float* c, bool add);
RowProduct recurrent_row_product();

const RecurrentRows<float>& recurrent_rows_float();
const RecurrentRows<double>& recurrent_rows_double();

}  // namespace keratin::kernels
