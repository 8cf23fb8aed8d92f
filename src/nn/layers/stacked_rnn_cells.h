// Several cells as one: the output of each is the input of the next.
#pragma once

#include "nn/layers/rnn_cell.h"

namespace keratin {

class StackedRNNCells : public RnnCell {
 public:
  std::vector<LayerPtr> cells;

  KERATIN_CLASS
  void configured() override;
  std::vector<std::pair<std::string, LayerPtr>> children() const override;
  void build(std::span<const Shape> inputs) override;
  std::vector<Shape> state_shapes() const override;
  std::size_t output_state() const override;
  void begin(CallContext& context, Value input, std::span<const Value> states) override;
  void end() override;
  Value project(CallContext& context, Value inputs, bool all_steps) override;
  Step advance(CallContext& context, Value projected, std::span<const Value> states) override;
  Scan scan(CallContext& context, Value projected, std::span<const Value> states, Value mask,
            bool go_backwards) override;

 private:
  RnnCell& cell(std::size_t i) const { return static_cast<RnnCell&>(*cells[i]); }
};

}  // namespace keratin
