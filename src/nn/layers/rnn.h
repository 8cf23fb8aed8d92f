// The base of all recurrent layers, and the one over any cell: [batch, time, ...] inputs go through
// the cell step by step.
#pragma once

#include "nn/layers/rnn_cell.h"

namespace keratin {

class RNN : public Layer {
 public:
  bool return_sequences = false, return_state = false, go_backwards = false, stateful = false,
       unroll = false, zero_output_for_mask = false;
  LayerPtr cell;

  RNN() : RNN(&describe, nullptr) {}
  static const ClassInfo& describe();
  const ClassInfo& info() const override { return describe_(); }
  void configured() override;
  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return {{"cell", cell}};
  }
  void build(std::span<const Shape> inputs) override;
  Json build_config() const override;
  // Of what is called with sequences and perhaps an initial state: Keras' form for either.
  static Json build_config_of(const std::vector<Shape>& build_shapes,
                              const std::vector<Shape>& initial_state_shapes);
  // The mask that a call heeds. As in Keras, a call with an initial state heeds the one it is given
  // alone, not the one that its input carries.
  static Value step_mask(const CallContext& context);
  std::vector<std::string_view> call_parameters() const override {
    return {"sequences", "initial_state", "mask"};
  }
  bool supports_masking() const override { return true; }
  Value compute_mask(CallContext& context, std::span<const Value> inputs) const override;
  // The output, and with return_state the last states.
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 protected:
  // Over a cell of its own, whose attributes are the layer's; it is named after its class.
  RNN(DescribeFn describe, LayerPtr own_cell)
      : cell(std::move(own_cell)), describe_(describe), owns_cell_(cell != nullptr) {}

  // The description of a layer over a cell of its own: attributes of the cell and of RNN, in the
  // order of Keras' arguments.
  static void add_cell_attributes(ClassInfo& c, const ClassInfo& cell_info);

  RnnCell& step_cell() const { return static_cast<RnnCell&>(*cell); }

 private:
  RnnCell::Scan steps(CallContext& context, Value projected, std::vector<Value> states, Value mask);
  void take_output(RnnCell::Scan& scan, Value mask) const;

  DescribeFn describe_;
  bool owns_cell_;
  std::vector<Shape> initial_state_shapes_;  // where the first call gave an initial state
};

}  // namespace keratin
