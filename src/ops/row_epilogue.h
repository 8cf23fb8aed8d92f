// What follows an op element by element, bound to the op's shapes and run on rows of its result
// while they are in cache.
#pragma once

#include <memory>
#include <span>

#include "graph/op.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "ops/elementwise_op.h"

namespace keratin::ops {

inline kernels::Program no_epilogue() {
  return {1, {{kernels::Fn::copy, {kernels::Operand::input(0)}}}};
}
inline bool is_no_epilogue(const kernels::Program& program) {
  return program.inputs == 1 && program.code.size() == 1 && program.code[0].fn == kernels::Fn::copy;
}

class RowProgram {
 public:
  RowProgram() = default;  // nothing follows
  // `extras`: of the inputs that the program reads besides the op's own result.
  RowProgram(const kernels::Program& program, const Spec& out, std::span<const Spec> extras);

  // For one run of the kernel: the pointers that rows are found by.
  class Call {
   public:
    // `first_extra`: the operand of the kernel that is the program's input 1.
    Call(const RowProgram& program, const Buffers& buffers, int first_extra);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    kernels::RowEpilogue epilogue() { return {fn_, this}; }

   private:
    void (*fn_)(void*, std::int64_t, std::int64_t) = nullptr;
    const void* in_[2 * kernels::Elementwise::kMaxInputs + 1];
    void* out_ = nullptr;
    const RowProgram* program_;
  };

 private:
  std::shared_ptr<const kernels::Elementwise> after_;
  std::int64_t width_ = 1;  // elements of a row: the last axis
};

}  // namespace keratin::ops
