// Losses: what is minimised.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/registry.h"
#include "graph/graph.h"

namespace keratin {

class Loss : public Object {
 public:
  static constexpr const char* kKind = "losses";
  std::string name;  // made from the class, as layers' names are, where it is empty
  // "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight" or "none"; empty: null, none.
  std::string reduction = "sum_over_batch_size";
  Json dtype;  // null: float32

  // The attributes above, in Keras' order, for describe().
  template <class C>
  static std::vector<Attribute> base_attributes() {
    return {reduction_attribute(
                attribute<C>("reduction", &C::reduction, "How the samples' losses become one.")),
            name_attribute(attribute<C>("name", &C::name, "Name; made from the class if null.")),
            attribute<C>("dtype", &C::dtype, "Of the computation; null: float32.")
                .omitted_if_default()};
  }
  void configured() override;  // overriders call it

  // One value a sample: y_true and y_pred [batch, ..., features] -> [batch, ...], floating. The
  // last axis of 1 in excess has been squeezed where ranks differed.
  virtual Value call(Value y_true, Value y_pred) const = 0;
  // Which of call()'s values count: 1 or 0, of their shape; a null Value: all do.
  virtual Value mask(Value /*y_true*/, Value /*y_pred*/) const { return {}; }

  // Keras' Loss.__call__: operands cast, ranks squeezed to match, call(), sample weights ([batch]
  // or broadcastable; null for none), reduction to a scalar (none: the values).
  // `prediction_mask`: the mask that y_pred carries, or null.
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {},
                   Value prediction_mask = {}) const;

 private:
  static Attribute reduction_attribute(Attribute attribute);
  static Attribute name_attribute(Attribute attribute);
};
using LossPtr = std::shared_ptr<Loss>;

// What describe() of a loss needs: its own attributes stand before those of all losses.
template <class C>
ClassInfo loss_info(const char* class_name, const char* doc, std::vector<Attribute> own = {}) {
  ClassInfo c = class_info<C>("losses", class_name, "keras.losses", doc);
  c.attributes = std::move(own);
  for (Attribute& a : Loss::base_attributes<C>()) c.attributes.push_back(std::move(a));
  return c;
}

// Keras' squeeze_or_expand_to_same_rank: a last axis of 1 is dropped, or added where one of them
// has rank 1, so that the ranks agree. Ranks that differ by more, or another last axis, stay.
std::pair<Value, Value> squeeze_or_expand_to_same_rank(Value a, Value b, bool expand_rank_1 = true);
// a / b, 0 where b is 0.
Value divide_no_nan(Value a, Value b);
// A mask of 1 and 0 worked into a sample weight, which may be null.
Value masked_weight(Value sample_weight, Value mask);
// Keras' reduce_weighted_values; `values` [batch, ...]; weight and mask may be null.
Value reduce_weighted_values(Value values, Value sample_weight, Value mask,
                             const std::string& reduction);

}  // namespace keratin
