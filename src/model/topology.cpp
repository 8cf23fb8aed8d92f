#include "model/topology.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/error.h"

namespace keratin {
namespace {

using NodePtr = std::shared_ptr<CallNode>;

// Depth-first from the outputs; a call is finished after those it rests on. With a stack of its
// own: networks may be deeper than the thread's stack.
struct Walk {
  std::vector<NodePtr> finished;
  std::vector<LayerPtr> layers;  // in the order in which they were met
  std::unordered_set<const CallNode*> seen;
  std::unordered_set<const Layer*> seen_layers;

  void from(const NodePtr& start) {
    std::vector<std::pair<NodePtr, std::size_t>> stack;
    const auto enter = [&](const NodePtr& node) {
      if (!seen.insert(node.get()).second) return;
      if (seen_layers.insert(node->layer.get()).second) layers.push_back(node->layer);
      stack.emplace_back(node, 0);
    };
    enter(start);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next < node->inputs.size()) {
        const NodePtr input = node->inputs[next++].node;
        enter(input);
      } else {
        finished.push_back(node);
        stack.pop_back();
      }
    }
  }
};

void check_inputs(const std::vector<KerasTensor>& inputs, const Walk& walk) {
  std::unordered_set<const CallNode*> given;
  for (const KerasTensor& input : inputs) {
    if (!input.node->inputs.empty())
      fail(Code::kUnsupported, "the inputs of a model must come from Input; layer '",
           input.node->layer->name, "' made one of them");
    require(given.insert(input.node.get()).second, "the input '", input.node->layer->name,
            "' is given twice");
  }
  for (const NodePtr& node : walk.finished)
    require(!node->inputs.empty() || given.contains(node.get()), "the outputs rest on the input '",
            node->layer->name, "', which is not among the model's inputs");
}

void check_names(const std::vector<LayerPtr>& layers) {
  std::set<std::string> names;
  for (const LayerPtr& layer : layers)
    require(names.insert(layer->name).second, "two layers of the model are named '", layer->name,
            "'; names must be unique");
}

}  // namespace

Topology sort_calls(const std::vector<KerasTensor>& inputs,
                    const std::vector<KerasTensor>& outputs) {
  Walk walk;
  for (const KerasTensor& output : outputs) walk.from(output.node);
  check_inputs(inputs, walk);

  // Depth: the longest way to an output; a shared layer is as deep as its deepest call.
  std::unordered_map<const CallNode*, int> depth;
  std::unordered_map<const Layer*, int> layer_depth;
  std::vector<NodePtr> met;
  const auto meet = [&](const NodePtr& node) -> int& {
    const auto [place, is_new] = depth.try_emplace(node.get(), 0);
    if (is_new) met.push_back(node);
    return place->second;
  };
  for (auto node = walk.finished.rbegin(); node != walk.finished.rend(); ++node) {
    int& deepest = layer_depth[(*node)->layer.get()];
    const int own = deepest = std::max(meet(*node), deepest);
    meet(*node) = own;
    for (const KerasTensor& input : (*node)->inputs) {
      int& before = meet(input.node);
      before = std::max(before, own + 1);
    }
  }
  Topology result;
  std::ptrdiff_t unused = 0;
  for (const KerasTensor& input : inputs)
    if (!depth.contains(input.node.get())) {  // fed, yet no output rests on it
      meet(input.node);
      layer_depth[input.node->layer.get()] = 0;
      walk.layers.insert(walk.layers.begin() + unused++, input.node->layer);
    }
  result.nodes = met;
  std::stable_sort(
      result.nodes.begin(), result.nodes.end(),
      [&](const NodePtr& a, const NodePtr& b) { return depth[a.get()] > depth[b.get()]; });
  result.layers = walk.layers;
  std::stable_sort(result.layers.begin(), result.layers.end(),
                   [&](const LayerPtr& a, const LayerPtr& b) {
                     return layer_depth[a.get()] > layer_depth[b.get()];
                   });
  check_names(result.layers);
  return result;
}

}  // namespace keratin
