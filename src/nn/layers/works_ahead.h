// Layers whose outputs have a form that rests on the elements of the data: no graph can hold their
// calls.
#pragma once

#include "core/tensor.h"

namespace keratin {

// A base of such layers besides Layer. Where an input goes to it alone, the data of each batch
// becomes work_ahead() of it, which call() hands on.
class WorksAhead {
 public:
  virtual ~WorksAhead() = default;
  virtual bool works_ahead() const = 0;  // as it is configured
  virtual Tensor work_ahead(const Tensor& data) const = 0;
};

}  // namespace keratin
