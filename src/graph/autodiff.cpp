// Reverse accumulation: from the loss back along the nodes, each handing its gradient to its
// inputs. Sections of the graph are computed again on the way: Chen et al. 2016, "Training Deep
// Nets with Sublinear Memory Cost".
#include <unordered_map>

#include "core/error.h"
#include "graph/graph.h"
#include "graph/op.h"

namespace keratin {
namespace {

struct ValueHash {
  std::size_t operator()(const Value& v) const {
    return std::hash<const void*>()(v.node) * 31 + static_cast<std::size_t>(v.index);
  }
};

// For each node up to `last`: whether a value of `wrt` is among what it is computed from.
std::vector<char> depends_on(const Graph& graph, int last, std::span<const Value> wrt) {
  std::vector<char> depends(static_cast<std::size_t>(last) + 1, 0);
  for (const Value& value : wrt)
    if (value.node->id <= last) depends[static_cast<std::size_t>(value.node->id)] = 1;
  for (int id = 0; id <= last; ++id) {
    const Node& node = graph.nodes()[static_cast<std::size_t>(id)];
    if (node.kind != Node::Kind::kOp || !node.op->differentiable()) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (!node.op->shape_only(static_cast<int>(i)) && is_floating(node.inputs[i].dtype()) &&
          depends[static_cast<std::size_t>(node.inputs[i].node->id)])
        depends[static_cast<std::size_t>(id)] = 1;
  }
  return depends;
}

// The nodes that gradients are to read: those of a section are made once more, at the first use of
// one, so that they run just before their gradients.
class Twins {
 public:
  Twins(Graph& graph, int last) : graph_(graph), last_(last) {}

  const Node& of(const Node& node) {
    if (node.section == 0) return node;
    if (!twins_.contains(&node)) repeat(node);
    return *twins_.at(&node);
  }

 private:
  Node* known(Node* node) const {
    const auto found = twins_.find(node);
    return found == twins_.end() ? node : found->second;
  }

  // All of the node's section, which lies in one piece.
  void repeat(const Node& node) {
    const auto in_section = [&](int id) {
      return graph_.nodes()[static_cast<std::size_t>(id)].section == node.section;
    };
    int first = node.id;
    while (first > 0 && in_section(first - 1)) --first;
    for (int id = first; id <= last_ && in_section(id); ++id) {
      Node& original = graph_.nodes()[static_cast<std::size_t>(id)];
      if (original.kind != Node::Kind::kOp) continue;
      std::vector<Value> inputs;
      for (const Value& input : original.inputs) inputs.push_back({known(input.node), input.index});
      graph_.apply(original.op, std::move(inputs));
      twins_[&original] = &graph_.nodes().back();
    }
  }

  Graph& graph_;
  const int last_;
  std::unordered_map<const Node*, Node*> twins_;
};

}  // namespace

std::vector<Value> gradients(Value loss, std::span<const Value> wrt, AddFn add) {
  require(loss.rank() == 0 && is_floating(loss.dtype()), "the loss must be a floating scalar, got ",
          name_of(loss.dtype()), " ", to_string(loss.shape()));
  Graph& graph = loss.graph();
  const int last = loss.node->id;
  const std::vector<char> depends = depends_on(graph, last, wrt);

  Twins twins(graph, last);
  std::unordered_map<Value, Value, ValueHash> gradient;
  gradient[loss] = graph.constant(1.0, loss.dtype());
  for (int id = last; id >= 0; --id) {
    const Node& node = graph.nodes()[static_cast<std::size_t>(id)];
    if (node.kind != Node::Kind::kOp || !depends[static_cast<std::size_t>(id)]) continue;
    std::vector<Value> d_out(node.outputs.size());
    bool reached = false;
    for (std::size_t i = 0; i < d_out.size(); ++i) {
      const auto found = gradient.find({const_cast<Node*>(&node), static_cast<int>(i)});
      if (found != gradient.end()) d_out[i] = found->second, reached = true;
    }
    if (!reached) continue;
    const std::vector<Value> d_in = node.op->gradient(twins.of(node), d_out);
    for (std::size_t i = 0; i < d_in.size() && i < node.inputs.size(); ++i) {
      const Value& input = node.inputs[i];
      if (!d_in[i] || !depends[static_cast<std::size_t>(input.node->id)]) continue;
      if (!compatible(d_in[i].shape(), input.shape()))
        fail(Code::kInternal, "op '", node.op->name(), "': gradient of shape ",
             to_string(d_in[i].shape()), " for an input of shape ", to_string(input.shape()));
      Value& sum = gradient[input];
      sum = sum ? add(sum, d_in[i]) : d_in[i];
    }
  }

  std::vector<Value> results;
  for (const Value& value : wrt) {
    const auto found = gradient.find(value);
    results.push_back(found == gradient.end() ? Value{} : found->second);
  }
  return results;
}

}  // namespace keratin
