#include <cstring>

#include "core/error.h"
#include "graph/plan_impl.h"

namespace keratin {

using Impl = Plan::Impl;

Workspace::Workspace(std::shared_ptr<const Plan> plan)
    : plan_(std::move(plan)),
      arena_(DType::kUint8, {static_cast<std::int64_t>(plan_->impl_->arena_bytes)}),
      memory_(plan_->impl_->buffers.size(), nullptr),
      in_(plan_->impl_->in.size(), nullptr),
      out_(plan_->impl_->out.size(), nullptr),
      redirected_(plan_->impl_->outputs.size(), nullptr) {
  const Impl& impl = *plan_->impl_;
  auto* base = static_cast<char*>(arena_.raw());
  for (std::size_t i = 0; i < impl.buffers.size(); ++i) {
    const Impl::Buffer& buffer = impl.buffers[i];
    if (buffer.place == Impl::Place::kArena) point(static_cast<int>(i), base + buffer.offset);
    if (buffer.place == Impl::Place::kConstant) point(static_cast<int>(i), buffer.constant.raw());
  }
  for (const Impl::Step& step : impl.steps)
    calls_.push_back(
        {in_.data() + step.first_in, out_.data() + step.first_out, base + step.scratch});
}

void Workspace::point(int buffer, const void* memory) {
  const Impl::Buffer& b = plan_->impl_->buffers[static_cast<std::size_t>(buffer)];
  memory_[static_cast<std::size_t>(buffer)] = memory;
  for (const std::size_t i : b.reads) in_[i] = memory;
  for (const std::size_t i : b.writes) out_[i] = const_cast<void*>(memory);
}

void Workspace::set_input(int i, const void* data) {
  const int buffer = plan_->impl_->input_buffers[static_cast<std::size_t>(i)];
  if (buffer >= 0 && memory_[static_cast<std::size_t>(buffer)] != data) point(buffer, data);
}

void Workspace::set_output(int i, void* data) {
  const Impl::Output& output = plan_->impl_->outputs[static_cast<std::size_t>(i)];
  redirected_[static_cast<std::size_t>(i)] = data;
  if (!output.alone) return;
  const Impl::Buffer& buffer = plan_->impl_->buffers[static_cast<std::size_t>(output.buffer)];
  if (data == nullptr && buffer.place == Impl::Place::kArena)
    data = static_cast<char*>(arena_.raw()) + buffer.offset;
  point(output.buffer, data);
}

void Workspace::run() {
  const Impl& impl = *plan_->impl_;
  for (const Impl::VariableUse& use : impl.variables)
    if (use.buffer >= 0 &&
        memory_[static_cast<std::size_t>(use.buffer)] != use.variable->value.raw())
      point(use.buffer, use.variable->value.raw());
  for (const int buffer : impl.input_buffers)
    if (buffer >= 0 && !memory_[static_cast<std::size_t>(buffer)] &&
        impl.buffers[static_cast<std::size_t>(buffer)].bytes)
      fail(Code::kInternal, "a plan was run without all of its inputs");
  for (const Impl::Output& output : impl.outputs)
    if (!memory_[static_cast<std::size_t>(output.buffer)] && output.bytes)
      fail(Code::kInternal, "a plan was run without memory for all of its outputs");

  const std::size_t count = impl.steps.size();
  for (std::size_t s = 0; s < count; ++s) impl.steps[s].kernel.run(calls_[s]);

  for (std::size_t i = 0; i < redirected_.size(); ++i)
    if (redirected_[i] && !impl.outputs[i].alone)
      std::memcpy(redirected_[i], memory_[static_cast<std::size_t>(impl.outputs[i].buffer)],
                  impl.outputs[i].bytes);
  for (const Impl::Assign& assign : impl.assigns)
    if (assign.stage >= 0)
      std::memcpy(const_cast<void*>(memory_[static_cast<std::size_t>(assign.stage)]),
                  memory_[static_cast<std::size_t>(assign.source)], assign.bytes);
  for (const Impl::Assign& assign : impl.assigns) {
    const int from = assign.stage >= 0 ? assign.stage : assign.source;
    std::memcpy(impl.variables[static_cast<std::size_t>(assign.variable)].variable->value.raw(),
                memory_[static_cast<std::size_t>(from)], assign.bytes);
  }
}

const void* Workspace::output(int i) const {
  if (const void* elsewhere = redirected_[static_cast<std::size_t>(i)]) return elsewhere;
  return memory_[static_cast<std::size_t>(
      plan_->impl_->outputs[static_cast<std::size_t>(i)].buffer)];
}

}  // namespace keratin
