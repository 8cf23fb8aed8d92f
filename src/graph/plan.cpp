#include "graph/plan.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <sstream>
#include <unordered_map>

#include "core/error.h"
#include "graph/arena.h"
#include "graph/plan_impl.h"

namespace keratin {
namespace {

using Impl = Plan::Impl;
constexpr int kEnd = std::numeric_limits<int>::max();

// Makes an Impl of a graph, phase by phase.
class Planner {
 public:
  Planner(const Graph& graph, std::int64_t batch, bool frozen, std::size_t own_outputs, Impl& impl)
      : graph_(graph),
        batch_(batch),
        frozen_(frozen),
        own_outputs_(own_outputs),
        impl_(impl),
        needs_(graph.nodes().size()),
        bound_(graph.nodes().size()) {}

  void run() {
    find_needed();
    for (const Node& node : graph_.nodes())
      if (needs_[index(node)] != kNothing) bind_shapes(node);
    for (const Node& node : graph_.nodes())
      if (needs_[index(node)] == kElements) add_node(node);
    add_ends();
    share_buffers();
    lay_out();
  }

 private:
  enum Need : char { kNothing, kShape, kElements };
  struct ValueHash {
    std::size_t operator()(const Value& v) const {
      return std::hash<const void*>()(v.node) * 31 + static_cast<std::size_t>(v.index);
    }
  };

  static std::size_t index(const Node& node) { return static_cast<std::size_t>(node.id); }
  const Spec& spec(const Value& value) const {
    return bound_[index(*value.node)][static_cast<std::size_t>(value.index)];
  }

  // Dead code: only what outputs and assignments rest on is kept, and of some of it only the shape.
  void find_needed() {
    for (const Value& value : graph_.outputs()) needs_[index(*value.node)] = kElements;
    for (const Node& node : graph_.nodes())
      if (node.kind == Node::Kind::kAssign) needs_[index(*node.inputs[0].node)] = kElements;
    for (auto node = graph_.nodes().rbegin(); node != graph_.nodes().rend(); ++node) {
      const Need need = needs_[index(*node)];
      if (need == kNothing) continue;
      for (std::size_t i = 0; i < node->inputs.size(); ++i) {
        const bool shape_only =
            need == kShape || (node->op && node->op->shape_only(static_cast<int>(i)));
        Need& input = needs_[index(*node->inputs[i].node)];
        input = std::max(input, shape_only ? kShape : kElements);
      }
    }
  }

  void bind_shapes(const Node& node) {
    std::vector<Spec>& specs = bound_[index(node)];
    if (node.kind != Node::Kind::kOp) {
      specs = node.outputs;
      for (Spec& s : specs) {
        if (!s.shape.empty() && s.shape[0] == kUnknown) s.shape[0] = batch_;
        if (!is_static(s.shape))
          fail(Code::kUnsupported, "input '", node.name, "' of shape ", to_string(s.shape),
               ": only the batch axis may be unknown");
      }
      return;
    }
    std::vector<Spec> in;
    for (const Value& value : node.inputs) in.push_back(spec(value));
    specs = node.op->infer(in);
    for (std::size_t i = 0; i < specs.size(); ++i)
      if (!is_static(specs[i].shape) || !compatible(specs[i].shape, node.outputs[i].shape))
        fail(Code::kInternal, "op '", node.op->name(), "' promised ",
             to_string(node.outputs[i].shape), " and gives ", to_string(specs[i].shape));
  }

  int add_buffer(Impl::Buffer buffer) {
    impl_.buffers.push_back(std::move(buffer));
    return static_cast<int>(impl_.buffers.size()) - 1;
  }
  static std::size_t bytes_of(const Spec& s) {
    return static_cast<std::size_t>(element_count(s.shape)) * size_of(s.dtype);
  }

  int variable_index(const VariablePtr& variable) {
    const auto [place, is_new] =
        variables_.try_emplace(variable.get(), static_cast<int>(impl_.variables.size()));
    if (is_new) impl_.variables.push_back({variable, -1});
    return place->second;
  }

  void add_node(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kInput: {
        const auto place = std::find(graph_.inputs().begin(), graph_.inputs().end(), &node);
        buffer_of_[{const_cast<Node*>(&node), 0}] =
            impl_.input_buffers[static_cast<std::size_t>(place - graph_.inputs().begin())] =
                add_buffer(
                    {.place = Impl::Place::kInput, .bytes = bytes_of(bound_[index(node)][0])});
        break;
      }
      case Node::Kind::kConstant:
        buffer_of_[{const_cast<Node*>(&node), 0}] = add_buffer({.place = Impl::Place::kConstant,
                                                                .bytes = node.constant.bytes(),
                                                                .constant = node.constant});
        break;
      case Node::Kind::kVariable: {
        if (frozen_) {
          buffer_of_[{const_cast<Node*>(&node), 0}] =
              add_buffer({.place = Impl::Place::kConstant,
                          .bytes = node.variable->value.bytes(),
                          .constant = node.variable->value.clone()});
          break;
        }
        const int buffer =
            add_buffer({.place = Impl::Place::kVariable, .bytes = node.variable->value.bytes()});
        impl_.variables[static_cast<std::size_t>(variable_index(node.variable))].buffer = buffer;
        buffer_of_[{const_cast<Node*>(&node), 0}] = buffer;
        break;
      }
      case Node::Kind::kOp:
        add_op(node);
        break;
      case Node::Kind::kAssign:
        break;  // add_ends()
    }
  }

  void add_op(const Node& node) {
    if (node.op->is_view()) {
      buffer_of_[{const_cast<Node*>(&node), 0}] = buffer_of_.at(node.inputs[0]);
      return;
    }
    Impl::Step step;
    step.name = node.op->name();
    step.first_in = impl_.in.size();
    step.first_out = impl_.out.size();
    const int number = static_cast<int>(impl_.steps.size());
    std::vector<Spec> in;
    bool constant = true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      in.push_back(spec(node.inputs[i]));
      const bool shape_only = node.op->shape_only(static_cast<int>(i));
      const int buffer = shape_only ? -1 : buffer_of_.at(node.inputs[i]);
      constant = constant && (shape_only || impl_.buffers[static_cast<std::size_t>(buffer)].place ==
                                                Impl::Place::kConstant);
      step.may_overwrite.push_back(!shape_only && node.op->may_overwrite(static_cast<int>(i)));
      impl_.in.push_back(buffer);
    }
    const std::vector<Spec>& out = bound_[index(node)];
    step.kernel = node.op->bind(in, out);
    if (constant) {
      fold(node, step, out);
      return;
    }
    for (std::size_t i = step.first_in; i < impl_.in.size(); ++i)
      if (impl_.in[i] >= 0) impl_.buffers[static_cast<std::size_t>(impl_.in[i])].last = number;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const int buffer = add_buffer({.bytes = bytes_of(out[i]), .first = number, .last = number});
      buffer_of_[{const_cast<Node*>(&node), static_cast<int>(i)}] = buffer;
      impl_.out.push_back(buffer);
    }
    impl_.steps.push_back(std::move(step));
  }

  // What rests on constants and shapes alone is computed now, once.
  void fold(const Node& node, const Impl::Step& step, const std::vector<Spec>& out) {
    std::vector<const void*> in;
    for (std::size_t i = step.first_in; i < impl_.in.size(); ++i)
      in.push_back(impl_.in[i] < 0
                       ? nullptr
                       : impl_.buffers[static_cast<std::size_t>(impl_.in[i])].constant.raw());
    impl_.in.resize(step.first_in);
    std::vector<Tensor> results;
    std::vector<void*> pointers;
    for (const Spec& s : out) {
      results.emplace_back(s.dtype, s.shape);
      pointers.push_back(results.back().raw());
    }
    Tensor scratch(DType::kUint8, {static_cast<std::int64_t>(step.kernel.scratch_bytes)});
    step.kernel.run({in.data(), pointers.data(), scratch.raw()});
    for (std::size_t i = 0; i < results.size(); ++i)
      buffer_of_[{const_cast<Node*>(&node), static_cast<int>(i)}] = add_buffer(
          {.place = Impl::Place::kConstant, .bytes = results[i].bytes(), .constant = results[i]});
  }

  void add_ends() {
    for (const Value& value : graph_.outputs()) {
      const int buffer = buffer_of_.at(value);
      impl_.buffers[static_cast<std::size_t>(buffer)].last = kEnd;
      impl_.outputs.push_back({buffer, spec(value), bytes_of(spec(value)), false});
    }
    for (Impl::Output& output : impl_.outputs)
      output.alone =
          impl_.buffers[static_cast<std::size_t>(output.buffer)].place == Impl::Place::kArena &&
          std::count_if(impl_.outputs.begin(), impl_.outputs.end(),
                        [&](const Impl::Output& o) { return o.buffer == output.buffer; }) == 1;
    for (const Node& node : graph_.nodes()) {
      if (node.kind != Node::Kind::kAssign) continue;
      if (frozen_) fail(Code::kInternal, "'", node.variable->path, "' is assigned, yet frozen");
      const int source = buffer_of_.at(node.inputs[0]);
      Impl::Buffer& buffer = impl_.buffers[static_cast<std::size_t>(source)];
      buffer.last = kEnd;
      // A variable that takes the elements of another is copied by way of the arena: the other may
      // change, too.
      const int stage = buffer.place == Impl::Place::kVariable
                            ? add_buffer({.bytes = node.variable->value.bytes(),
                                          .first = static_cast<int>(impl_.steps.size()),
                                          .last = kEnd})
                            : -1;
      impl_.assigns.push_back(
          {source, stage, variable_index(node.variable), node.variable->value.bytes()});
    }
  }

  // Lets a result take the place of an operand that is not needed any more.
  void share_buffers() {
    std::vector<int> now(impl_.buffers.size());
    for (std::size_t i = 0; i < now.size(); ++i) now[i] = static_cast<int>(i);
    for (std::size_t s = 0; s < impl_.steps.size(); ++s) {
      const Impl::Step& step = impl_.steps[s];
      for (std::size_t i = 0; i < step.may_overwrite.size(); ++i)
        if (int& buffer = impl_.in[step.first_in + i]; buffer >= 0)
          buffer = now[static_cast<std::size_t>(buffer)];
      const int result = impl_.out[step.first_out];
      for (std::size_t i = 0; i < step.may_overwrite.size(); ++i) {
        const int operand = impl_.in[step.first_in + i];
        if (operand < 0 || !can_overwrite(step, operand, result, static_cast<int>(s))) continue;
        impl_.buffers[static_cast<std::size_t>(operand)].last =
            impl_.buffers[static_cast<std::size_t>(result)].last;
        impl_.buffers[static_cast<std::size_t>(result)].first = -1;  // gone
        now[static_cast<std::size_t>(result)] = operand;
        impl_.out[step.first_out] = operand;
        break;
      }
    }
    for (Impl::Output& output : impl_.outputs)
      output.buffer = now[static_cast<std::size_t>(output.buffer)];
    for (Impl::Assign& assign : impl_.assigns)
      assign.source = now[static_cast<std::size_t>(assign.source)];
  }

  bool can_overwrite(const Impl::Step& step, int operand, int result, int number) const {
    const Impl::Buffer& from = impl_.buffers[static_cast<std::size_t>(operand)];
    if (from.place != Impl::Place::kArena || from.last != number ||
        from.bytes != impl_.buffers[static_cast<std::size_t>(result)].bytes)
      return false;
    for (std::size_t i = 0; i < step.may_overwrite.size(); ++i)
      if (impl_.in[step.first_in + i] == operand && !step.may_overwrite[i]) return false;
    return true;
  }

  // The bytes of the blocks that are alive at once, where these are most.
  std::size_t most_at_once(const std::vector<ArenaBlock>& blocks) const {
    const std::size_t steps = impl_.steps.size();
    std::vector<std::size_t> begin(steps + 1), end(steps + 1);
    for (const ArenaBlock& block : blocks) {
      begin[static_cast<std::size_t>(block.first)] += block.bytes;
      end[std::min(static_cast<std::size_t>(block.last), steps)] += block.bytes;
    }
    std::size_t now = 0, most = 0;
    for (std::size_t s = 0; s <= steps; ++s) {
      most = std::max(most, now += begin[s]);
      now -= end[s];
    }
    return most;
  }

  void lay_out() {
    for (std::size_t i = own_outputs_; i < impl_.outputs.size(); ++i)
      if (impl_.outputs[i].alone)
        impl_.buffers[static_cast<std::size_t>(impl_.outputs[i].buffer)].place =
            Impl::Place::kOutput;
    std::vector<ArenaBlock> blocks;
    std::vector<std::size_t*> offsets;
    for (Impl::Buffer& buffer : impl_.buffers)
      if (buffer.place == Impl::Place::kArena && buffer.first >= 0) {
        blocks.push_back({buffer.bytes, buffer.first, buffer.last, 0});
        offsets.push_back(&buffer.offset);
      }
    impl_.live_bytes = most_at_once(blocks);
    for (std::size_t s = 0; s < impl_.steps.size(); ++s)
      if (impl_.steps[s].kernel.scratch_bytes > 0) {
        blocks.push_back(
            {impl_.steps[s].kernel.scratch_bytes, static_cast<int>(s), static_cast<int>(s), 0});
        offsets.push_back(&impl_.steps[s].scratch);
      }
    impl_.arena_bytes = place_blocks(blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) *offsets[i] = blocks[i].offset;
    for (std::size_t i = 0; i < impl_.in.size(); ++i)
      if (impl_.in[i] >= 0) impl_.buffers[static_cast<std::size_t>(impl_.in[i])].reads.push_back(i);
    for (std::size_t i = 0; i < impl_.out.size(); ++i)
      impl_.buffers[static_cast<std::size_t>(impl_.out[i])].writes.push_back(i);
    // Constants that other constants were computed from.
    for (Impl::Buffer& buffer : impl_.buffers)
      if (buffer.place == Impl::Place::kConstant && buffer.reads.empty() && buffer.last != kEnd)
        buffer.constant = {};
  }

  const Graph& graph_;
  const std::int64_t batch_;
  const bool frozen_;
  const std::size_t own_outputs_;
  Impl& impl_;
  std::vector<Need> needs_;
  std::vector<std::vector<Spec>> bound_;  // the specs of each node's results with the batch known
  std::unordered_map<Value, int, ValueHash> buffer_of_;
  std::unordered_map<const Variable*, int> variables_;
};

}  // namespace

Plan::Plan(const Graph& graph, std::int64_t batch, Variables variables, std::size_t own_outputs)
    : impl_(std::make_unique<Impl>()) {
  for (const Node* node : graph.inputs()) {
    impl_->input_specs.push_back(node->outputs[0]);
    Shape& shape = impl_->input_specs.back().shape;
    if (!shape.empty() && shape[0] == kUnknown) shape[0] = batch;
  }
  impl_->input_buffers.assign(graph.inputs().size(), -1);
  Planner(graph, batch, variables == Variables::kFrozen, own_outputs, *impl_).run();
}

Plan::~Plan() = default;

const Spec& Plan::input_spec(int i) const {
  return impl_->input_specs.at(static_cast<std::size_t>(i));
}
const Spec& Plan::output_spec(int i) const {
  return impl_->outputs.at(static_cast<std::size_t>(i)).spec;
}
std::size_t Plan::input_count() const { return impl_->input_specs.size(); }
std::size_t Plan::output_count() const { return impl_->outputs.size(); }
std::size_t Plan::arena_bytes() const { return impl_->arena_bytes; }
std::size_t Plan::live_bytes() const { return impl_->live_bytes; }
std::size_t Plan::step_count() const { return impl_->steps.size(); }

std::string Plan::describe() const {
  std::ostringstream text;
  for (const Impl::Step& step : impl_->steps) {
    text << step.name << " (";
    for (std::size_t i = 0; i < step.may_overwrite.size(); ++i)
      text << (i ? ", " : "") << impl_->in[step.first_in + i];
    text << ") -> " << impl_->out[step.first_out] << ": "
         << impl_->buffers[static_cast<std::size_t>(impl_->out[step.first_out])].bytes
         << " bytes\n";
  }
  return text.str();
}

}  // namespace keratin
