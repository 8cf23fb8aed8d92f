#include "ops/row_epilogue.h"

namespace keratin::ops {

using kernels::Elementwise;

RowProgram::RowProgram(const kernels::Program& program, const Spec& out,
                       std::span<const Spec> extras)
    : width_(out.shape.empty() ? 1 : out.shape.back()) {
  if (is_no_epilogue(program)) return;
  std::vector<Shape> shapes{out.shape};
  for (const Spec& spec : extras) shapes.push_back(spec.shape);
  after_ = std::make_shared<const Elementwise>(program, out.dtype, shapes, out.shape);
}

RowProgram::Call::Call(const RowProgram& program, const Buffers& buffers, int first_extra)
    : program_(&program) {
  if (!program.after_) return;
  in_[0] = out_ = buffers.out[0];
  for (std::size_t i = 1; i < program.after_->inputs(); ++i)
    in_[i] = buffers.in[i - 1 + std::size_t(first_extra)];
  fn_ = [](void* self, std::int64_t begin, std::int64_t end) {
    const auto& call = *static_cast<const Call*>(self);
    const std::int64_t width = call.program_->width_;
    call.program_->after_->run(call.in_, call.out_, begin * width, end * width);
  };
}

}  // namespace keratin::ops
