#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// A layer whose kernel, in training, is divided by its largest singular value, Miyato et al. 2018:
// estimated by power iterations that go on from step to step.
class SpectralNormalization : public Layer {
 public:
  LayerPtr layer;
  std::int64_t power_iterations = 1;

  KERATIN_CLASS

  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return {{"layer", layer}};
  }

  void build(std::span<const Shape> inputs) override {
    layer->ensure_built(inputs);
    Weight kernel;
    for (const Weight& weight : layer->own_weights())
      if (weight.variable->name == "kernel" || weight.variable->name == "embeddings")
        kernel_ = weight.variable, kernel = weight;
    require(kernel_ != nullptr, "the layer '", layer->name, "' (", layer->info().name,
            ") has neither a kernel nor embeddings");
    share_weight(kernel);
    const auto normal = std::static_pointer_cast<Initializer>(
        create("initializers", "TruncatedNormal", {{"stddev", 0.02}}));
    vector_u_ = add_weight("vector_u", {1, kernel_->value.shape().back()}, normal, false);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (!context.training) return layer->apply(context, inputs);
    Graph& graph = context.graph;
    const Value kernel = graph.variable(kernel_);
    const Value divided = normalized(graph, kernel);
    // What the layer makes of its kernel, it makes of the divided one.
    const std::size_t before = graph.nodes().size();
    std::vector<Value> outputs = layer->apply(context, inputs);
    for (std::size_t i = before; i < graph.nodes().size(); ++i)
      for (Value& input : graph.nodes()[i].inputs)
        if (input == kernel) input = divided;
    return outputs;
  }

 private:
  static Value unit(Value x) {
    return x * ops::minimum(ops::rsqrt(ops::sum(ops::square(x), {}, true)), 1e7);
  }

  Value normalized(Graph& graph, Value kernel) const {
    const Value matrix = ops::reshape(kernel, {kUnknown, kernel.shape().back()});
    const Value pending = graph.assigned(vector_u_);
    const Value before = pending ? pending : graph.variable(vector_u_);
    Value u = before, v;
    for (std::int64_t i = 0; i < power_iterations; ++i) {
      v = unit(ops::matmul(u, matrix, false, true));
      u = unit(ops::matmul(v, matrix));
    }
    u = ops::stop_gradient(u);
    v = ops::stop_gradient(v);
    // A kernel of nothing but zeros has no norm: it stays, and so does the estimate.
    const Value is_zero = ops::equal(ops::max(ops::abs(kernel)), 0.0);
    graph.assign(vector_u_, ops::where(is_zero, before, u));
    Value sigma = ops::matmul(ops::matmul(v, matrix), u, false, true);
    sigma = ops::where(is_zero, 1.0, sigma);
    return ops::reshape(matrix / sigma, kernel.shape());
  }

  VariablePtr kernel_, vector_u_;
};

const ClassInfo& SpectralNormalization::describe() {
  static const ClassInfo info = [] {
    using C = SpectralNormalization;
    ClassInfo c = class_info<C>("layers", "SpectralNormalization", "keras.layers",
                                "In training, divides a layer's kernel by its spectral norm.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("layer", &C::layer, "The layer.").required(),
         attribute<C>("power_iterations", &C::power_iterations, "Iterations of each step.")
             .above(0)});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SpectralNormalization);

}  // namespace
}  // namespace keratin
