#include "nn/layers/stacked_rnn_cells.h"

#include "nn/layers/inside.h"
#include "ops/picking.h"

namespace keratin {

void StackedRNNCells::configured() {
  Layer::configured();
  require(!cells.empty(), "layer '", name, "' (StackedRNNCells): expected at least one cell");
  for (const LayerPtr& layer : cells)
    require(dynamic_cast<RnnCell*>(layer.get()), "layer '", name,
            "' (StackedRNNCells): expected cells, got ", layer ? layer->info().name : "null");
}

std::vector<std::pair<std::string, LayerPtr>> StackedRNNCells::children() const {
  return numbered("cells", cells);
}

void StackedRNNCells::build(std::span<const Shape> inputs) {
  Shape shape = inputs[0];
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i]->ensure_built({&shape, 1});
    const Shape state = cell(i).state_shapes()[cell(i).output_state()];
    shape.resize(1);
    shape.insert(shape.end(), state.begin(), state.end());
  }
}

std::vector<Shape> StackedRNNCells::state_shapes() const {
  std::vector<Shape> all;
  for (std::size_t i = 0; i < cells.size(); ++i)
    for (const Shape& shape : cell(i).state_shapes()) all.push_back(shape);
  return all;
}

std::size_t StackedRNNCells::output_state() const {
  const RnnCell& last = cell(cells.size() - 1);
  return state_shapes().size() - last.state_shapes().size() + last.output_state();
}

void StackedRNNCells::begin(CallContext& context, Value input, std::span<const Value> states) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t count = cell(i).state_shapes().size();
    cell(i).begin(context, input, states.first(count));
    input = states[cell(i).output_state()];
    states = states.subspan(count);
  }
}

void StackedRNNCells::end() {
  for (std::size_t i = 0; i < cells.size(); ++i) cell(i).end();
}

Value StackedRNNCells::project(CallContext& context, Value inputs, bool all_steps) {
  return cell(0).project(context, inputs, all_steps);
}

RnnCell::Step StackedRNNCells::advance(CallContext& context, Value projected,
                                       std::span<const Value> states) {
  Step all;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t count = cell(i).state_shapes().size();
    if (i > 0) projected = cell(i).project(context, all.output, false);
    Step step = cell(i).advance(context, projected, states.first(count));
    all.output = step.output;
    all.states.insert(all.states.end(), step.states.begin(), step.states.end());
    states = states.subspan(count);
  }
  return all;
}

// Cell by cell: what a masked step hands on meets a masked step.
RnnCell::Scan StackedRNNCells::scan(CallContext& context, Value projected,
                                    std::span<const Value> states, Value mask, bool go_backwards) {
  Scan all;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t count = cell(i).state_shapes().size();
    if (i > 0) projected = cell(i).project(context, all.outputs, true);
    // Outputs stand in the order of steps; the mask does not.
    if (i == 1 && go_backwards && mask) mask = ops::flip(mask, 1);
    Scan one = cell(i).scan(context, projected, states.first(count), mask, i == 0 && go_backwards);
    if (!one.outputs) return {};
    all.outputs = one.outputs;
    all.states.insert(all.states.end(), one.states.begin(), one.states.end());
    states = states.subspan(count);
  }
  return all;
}

const ClassInfo& StackedRNNCells::describe() {
  static const ClassInfo info = [] {
    using C = StackedRNNCells;
    ClassInfo c = class_info<C>("layers", "StackedRNNCells", "keras.layers",
                                "Several cells as one, each fed with the output of the last.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("cells", &C::cells, "The cells, in order.").required());
    c.attributes.back().get = [](const Object& object) {
      return serialize_built(static_cast<const C&>(object).cells);
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(StackedRNNCells);

}  // namespace keratin
