// Cells: what a recurrent layer does at one step. A cell is a layer, too: called on the inputs of
// one step and "states", it gives its output and the new states.
#pragma once

#include "kernels/recurrent.h"
#include "nn/activations/activation.h"
#include "nn/layers/layer.h"
#include "nn/seed.h"

namespace keratin {

class RnnCell : public Layer {
 public:
  struct Step {
    Value output;
    std::vector<Value> states;
  };
  // A whole sequence done at once: [batch, time, ...] outputs in the order in which steps were
  // taken.
  struct Scan {
    Value outputs;
    std::vector<Value> states;
  };

  // Without the batch axis; known once it is built.
  virtual std::vector<Shape> state_shapes() const = 0;
  // Which of the states a masked step gives as its output.
  virtual std::size_t output_state() const { return 0; }

  // Around the steps of one call, which share their dropout. `input` is that of a step.
  virtual void begin(CallContext& /*context*/, Value /*input*/, std::span<const Value> /*states*/) {
  }
  virtual void end() {}
  // What of a step depends on its inputs alone, for one step or, with an axis of time after the
  // batch's, for all of them.
  virtual Value project(CallContext& /*context*/, Value inputs, bool /*all_steps*/) {
    return inputs;
  }
  virtual Step advance(CallContext& context, Value projected, std::span<const Value> states) = 0;
  // All steps by one op, where there is one for this cell; else no outputs. mask: [batch, time] or
  // none.
  virtual Scan scan(CallContext& /*context*/, Value /*projected*/,
                    std::span<const Value> /*states*/, Value /*mask*/, bool /*go_backwards*/) {
    return {};
  }

  std::vector<std::string_view> call_parameters() const override {
    return {"inputs", "states", "mask"};
  }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;
};

// output = activation(inputs x kernel + bias + state x recurrent_kernel). The base of the gated
// cells, whose weights have the columns of all gates side by side.
class SimpleRNNCell : public RnnCell {
 public:
  std::int64_t units = 0;
  ActivationPtr activation;
  bool use_bias = true;
  InitializerPtr kernel_initializer = glorot_uniform(), recurrent_initializer,
                 bias_initializer = zeros();
  RegularizerPtr kernel_regularizer, recurrent_regularizer, bias_regularizer;
  ConstraintPtr kernel_constraint, recurrent_constraint, bias_constraint;
  double dropout = 0, recurrent_dropout = 0;
  Seed seed;

  SimpleRNNCell() : SimpleRNNCell(&describe, 1) {}

  static const ClassInfo& describe();
  const ClassInfo& info() const override { return describe_(); }
  void configured() override;
  void build(std::span<const Shape> inputs) override;
  std::vector<Shape> state_shapes() const override { return {{units}}; }
  void begin(CallContext& context, Value input, std::span<const Value> states) override;
  void end() override;
  Value project(CallContext& context, Value inputs, bool all_steps) override;
  Step advance(CallContext& context, Value projected, std::span<const Value> states) override;
  Scan scan(CallContext& context, Value projected, std::span<const Value> states, Value mask,
            bool go_backwards) override;

 protected:
  SimpleRNNCell(DescribeFn describe, std::int64_t gates);

  // The cell as the op for whole sequences knows it; none: it does not.
  virtual std::optional<kernels::RecurrentShape> form() const;
  virtual Value recurrent_bias(Graph& /*graph*/) const { return {}; }
  // Keras' implementation 1: every gate has dropout of its own.
  virtual bool dropout_by_gate() const { return false; }
  virtual Tensor first_bias() const;
  void add_bias();
  virtual Value input_bias(Graph& graph) const { return graph.variable(bias_); }
  // x without what dropout takes; of all gates, or of one.
  Value dropped(Value x, const std::vector<Value>& masks, std::size_t gate, bool all_steps) const;
  // One product for all gates, or for each with its own dropout.
  Value product(Value x, Value kernel, const std::vector<Value>& masks, bool all_steps) const;
  std::vector<Value> split(Value x) const;  // by gates

  VariablePtr kernel_, recurrent_kernel_, bias_;
  std::vector<Value> input_masks_, recurrent_masks_;  // of the call at hand: none, one, or by gate

 private:
  DescribeFn describe_;
  std::int64_t gates_;
};

class LSTMCell : public SimpleRNNCell {
 public:
  ActivationPtr recurrent_activation;
  bool unit_forget_bias = true;

  LSTMCell() : LSTMCell(&describe) {}
  static const ClassInfo& describe();
  std::vector<Shape> state_shapes() const override { return {{units}, {units}}; }
  Step advance(CallContext& context, Value projected, std::span<const Value> states) override;

 protected:
  explicit LSTMCell(DescribeFn describe);
  std::optional<kernels::RecurrentShape> form() const override;
  bool dropout_by_gate() const override { return recurrent_dropout != 0; }
  Tensor first_bias() const override;
  Step gated(Value z, Value c) const;
};

class GRUCell : public SimpleRNNCell {
 public:
  ActivationPtr recurrent_activation;
  bool reset_after = true;

  GRUCell();
  static const ClassInfo& describe();
  Step advance(CallContext& context, Value projected, std::span<const Value> states) override;

 protected:
  std::optional<kernels::RecurrentShape> form() const override;
  Value recurrent_bias(Graph& graph) const override {
    return reset_after && use_bias ? bias_row(graph, 1) : Value{};
  }
  bool dropout_by_gate() const override { return recurrent_dropout != 0; }
  Tensor first_bias() const override;
  Value input_bias(Graph& graph) const override;

 private:
  Value bias_row(Graph& graph, std::int64_t row) const;
};

// The form of a cell with these functions; none where the op does not know one of them.
std::optional<kernels::RecurrentShape> recurrent_form(kernels::RecurrentCell cell,
                                                      const ActivationPtr& activation,
                                                      const ActivationPtr& gate);

// Moves the attribute `name` to where it stands next after `place`: the order is that of Keras'
// arguments.
void move_behind(std::vector<Attribute>& attributes, std::string_view name, std::string_view place);

}  // namespace keratin
