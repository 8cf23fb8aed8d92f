#include "nn/activations/activation.h"
#include "ops/elementwise.h"

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
  if (!activation || dynamic_cast<const Linear*>(activation.get())) return x;
  Graph& graph = x.graph();
  const std::size_t first = graph.nodes().size();
  const bool whole = x.dtype() != DType::kBool && !is_floating(x.dtype());
  const Value y = activation->call(whole ? ops::cast(x, DType::kFloat32) : x);
  if (graph.recompute_activations) graph.recompute(first);
  return y;
}

}  // namespace keratin
