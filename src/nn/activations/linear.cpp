#include "nn/activations/activation.h"

namespace keratin {
namespace {

class Linear : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x; }
};

const ClassInfo& Linear::describe() {
  static const ClassInfo info = activation_info<Linear>("linear", "x itself.");
  return info;
}
KERATIN_REGISTER(Linear);

}  // namespace

ActivationPtr linear() { return std::make_shared<Linear>(); }

Value activate(const ActivationPtr& activation, Value x) {
  if (!activation) return x;
  Graph& graph = x.graph();
  const std::size_t first = graph.nodes().size();
  const Value y = activation->call(x);
  if (graph.recompute_activations) graph.recompute(first);
  return y;
}

}  // namespace keratin
