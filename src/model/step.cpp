// The graph of one step of training or evaluation.
#include "core/error.h"
#include "model/compile.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// Adds the losses and metrics of one output; errors name it.
class OutputStep {
 public:
  OutputStep(const Compiled& compiled, std::size_t output, const std::string& name, Value y_true,
             Value y_pred, Value sample_weight, Value mask, bool training)
      : compiled_(compiled),
        output_(output),
        name_(name),
        y_true_(y_true),
        y_pred_(y_pred),
        sample_weight_(sample_weight),
        mask_(mask),
        training_(training) {}

  // The weighted loss, or null where the output has none.
  Value loss() const {
    const Compiled::Output& output = compiled_.outputs()[output_];
    if (!output.loss) return {};
    return named([&] {
      Value loss = (*output.loss)(y_true_, y_pred_, sample_weight_, mask_);
      for (std::size_t t = 1; t < compiled_.loss_trackers().size(); ++t)
        if (const Compiled::Tracker& tracker = compiled_.loss_trackers()[t];
            tracker.output == output_)
          tracker.mean->update(loss, y_pred_, {});
      return output.weight ? loss * *output.weight : loss;
    });
  }

  void update_metrics() const {
    for (const Compiled::Entry& entry : compiled_.metrics())
      if (entry.output == output_)
        named([&] {
          Value weight = entry.weighted ? sample_weight_ : Value{};
          // Keras' JAX backend updates the metrics of a training step where the mask is lost.
          if (mask_ && !training_ && entry.metric->heeds_mask())
            weight = masked_weight(weight, mask_);
          entry.metric->update(y_true_, y_pred_, weight);
          return Value{};
        });
  }

 private:
  template <class Fn>
  Value named(Fn&& fn) const {
    try {
      return fn();
    } catch (const Error& error) {
      fail(error.code(), "the output '", name_, "' has shape ", to_string(y_pred_.shape()),
           ", its target ", to_string(y_true_.shape()), ": ", error.what());
    }
  }

  const Compiled& compiled_;
  std::size_t output_;
  const std::string& name_;
  Value y_true_, y_pred_, sample_weight_, mask_;
  bool training_;
};

}  // namespace

StepGraph make_step(Model& model, const std::vector<Spec>& specs, const std::vector<Spec>& targets,
                    const std::vector<Spec>& sample_weights, bool training) {
  const Compiled& compiled = *model.compiled;
  const std::vector<std::string> input_names = model.input_names();
  const std::vector<std::string> output_names = model.output_names();
  StepGraph step;
  step.graph = std::make_unique<Graph>();
  Graph& graph = *step.graph;

  std::vector<Value> inputs, y_true, weights;
  for (std::size_t i = 0; i < specs.size(); ++i)
    inputs.push_back(graph.input(input_names[i], specs[i]));
  for (std::size_t i = 0; i < targets.size(); ++i)
    y_true.push_back(targets[i].shape.empty()
                         ? Value{}
                         : graph.input("target of " + output_names[i], targets[i]));
  for (const Spec& spec : sample_weights) weights.push_back(graph.input("sample_weight", spec));

  CallContext context(graph, training);
  const std::vector<Value> y_pred = model.apply(context, inputs);

  Value total;
  const auto add = [&](Value loss) {
    if (loss) total = total ? total + loss : loss;
  };
  for (std::size_t i = 0; i < y_pred.size(); ++i) {
    const Value weight = weights.empty() ? Value{} : weights[weights.size() == 1 ? 0 : i];
    const OutputStep output(compiled, i, output_names[i], y_true[i], y_pred[i], weight,
                            context.mask_of(y_pred[i]), training);
    add(output.loss());
    output.update_metrics();
  }
  for (const Value loss : context.losses) add(ops::sum(ops::cast(loss, DType::kFloat32)));
  const std::vector<Weight> trainable = model.trainable_weights();
  for (const Weight& weight : trainable)
    if (weight.regularizer)
      add(ops::sum(weight.regularizer->call(graph.variable(weight.variable))));
  if (!total) {
    if (training)
      fail(Code::kState, "the model '", model.name,
           "' has nothing to minimise: compile with a loss");
    total = graph.constant(0.0);
  }
  compiled.loss_trackers()[0].mean->update(total, y_pred[0], {});
  graph.output(total);

  if (training) {
    std::vector<Value> wrt;
    for (const Weight& weight : trainable) {
      step.weights.push_back(weight.variable);
      wrt.push_back(graph.variable(weight.variable));
    }
    if (step.weights != compiled.trained())
      fail(Code::kState, "the trainable weights of the model '", model.name,
           "' are others than when it was compiled: compile it again");
    const std::optional<double>& scale = compiled.optimizer->loss_scale_factor;
    Value scaled = scale ? total * *scale : total;
    if (const VariablePtr dynamic = compiled.optimizer->dynamic_loss_scale())
      scaled = total * graph.variable(dynamic);
    const std::vector<Value> found = gradients(scaled, wrt);
    for (std::size_t i = 0; i < wrt.size(); ++i)
      graph.output(found[i] ? found[i] : ops::zeros_like(wrt[i]));
  }
  optimize(graph);
  return step;
}

}  // namespace keratin
