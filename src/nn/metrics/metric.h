// Metrics: what is measured over an epoch. Their state is variables; an update is part of the graph
// of a step, a result is computed from the state when asked for.
#pragma once

#include <string>
#include <vector>

#include "core/registry.h"
#include "graph/graph.h"

namespace keratin {

class Metric : public Object {
 public:
  static constexpr const char* kKind = "metrics";
  std::string name;  // made from the class, as layers' names are, where it is empty
  Json dtype;        // null: float32, the only one but for counts of classes

  // The attributes above, in Keras' order, for describe().
  template <class C>
  static std::vector<Attribute> base_attributes() {
    return {name_attribute(attribute<C>("name", &C::name, "Name; made from the class if null.")),
            dtype_attribute(attribute<C>("dtype", &C::dtype, "Of the state: float32."))};
  }
  void configured() override;  // overriders call it

  // Creates the state for such targets and predictions; called once before the first update.
  virtual void build(const Spec& y_true, const Spec& y_pred) = 0;
  // Adds the assignments of one batch to the graph. sample_weight is null for none.
  virtual void update(Value y_true, Value y_pred, Value sample_weight) = 0;
  // Whether what a prediction's mask leaves out has no weight (Keras' MeanMetricWrapper and its
  // kin).
  virtual bool heeds_mask() const { return false; }
  // From the state: one number, or several (F1Score without averaging).
  virtual std::vector<double> result() const = 0;
  void reset();  // Keras' reset_state

  // Whether more or less of it is better: what callbacks with mode "auto" go by.
  enum class Direction { kNone, kUp, kDown };
  virtual Direction direction() const { return Direction::kNone; }

  const std::vector<VariablePtr>& variables() const { return variables_; }

 protected:
  VariablePtr add_variable(std::string variable_name, Shape shape, DType type = DType::kFloat32);
  // Adds to a variable, on top of what the graph has added to it already.
  static void accumulate(const VariablePtr& variable, Value value);

  std::vector<VariablePtr> variables_;

 private:
  static Attribute name_attribute(Attribute attribute);
  static Attribute dtype_attribute(Attribute attribute);
};
using MetricPtr = std::shared_ptr<Metric>;

// What describe() of a metric needs: attributes that stand before those of all metrics, and after.
template <class C>
ClassInfo metric_info(const char* class_name, const char* doc, std::vector<Attribute> before = {},
                      std::vector<Attribute> after = {}) {
  ClassInfo c = class_info<C>("metrics", class_name, "keras.metrics", doc);
  c.attributes = std::move(before);
  for (Attribute& a : Metric::base_attributes<C>()) c.attributes.push_back(std::move(a));
  for (Attribute& a : after) c.attributes.push_back(std::move(a));
  return c;
}

}  // namespace keratin
