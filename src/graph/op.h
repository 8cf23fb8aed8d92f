// What an op is: a shape rule, a gradient rule and a kernel, for given attributes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace keratin {

// Pointers of one call of a kernel: inputs, outputs (contiguous, row-major), scratch of the size
// asked for.
struct Buffers {
  const void* const* in;
  void* const* out;
  void* scratch;

  template <class T>
  const T* input(int i) const {
    return static_cast<const T*>(in[i]);
  }
  template <class T>
  T* output(int i) const {
    return static_cast<T*>(out[i]);
  }
};

// An op with its shapes known: runs without allocating, from any thread.
struct Kernel {
  std::function<void(const Buffers&)> run;
  std::size_t scratch_bytes = 0;
};

class Op {
 public:
  virtual ~Op() = default;
  virtual std::string_view name() const = 0;

  // Dtypes and shapes of the results; an axis may be kUnknown. Called again with known shapes when
  // a plan is made. Throws kInvalidArgument saying what was expected and given.
  virtual std::vector<Spec> infer(std::span<const Spec> in) const = 0;

  // The gradient of the loss by each input, given that by each output (null where the loss does not
  // depend on it). A null Value for an input without a gradient. Only inputs that need one are
  // used.
  virtual std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const;
  virtual bool differentiable() const { return true; }

  virtual Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const = 0;

  // True if output 0 is input 0 seen with another shape: no kernel runs.
  virtual bool is_view() const { return false; }
  // True if only the shape of this input matters, not its elements.
  virtual bool shape_only(int /*input*/) const { return false; }
  // True if output 0 may be written over this input's elements (same size) while the kernel runs.
  virtual bool may_overwrite(int /*input*/) const { return false; }

  // Whether each row of the results rests on the same row of the inputs alone, a row being a part
  // of the first axis of what has the batch there; all results of the node have, and nothing has it
  // elsewhere. Other inputs are the same for all rows (graph/rows.h).
  virtual bool by_row(const Node& /*node*/) const { return false; }

  // Fusion. One op that computes what `consumer` (a node of this op) computes from its inputs with
  // `producer`'s result worked in: its inputs are the producer's, then those of the consumer that
  // are not the producer's result, in order. NULL if there is no such op. Asked only if nobody else
  // needs the producer's result.
  virtual std::shared_ptr<const Op> fuse(const Node& /*consumer*/, const Node& /*producer*/) const {
    return nullptr;
  }
};

}  // namespace keratin
