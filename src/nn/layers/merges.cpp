// Layers that combine their inputs element by element: Multiply, Average, Maximum, Minimum,
// Subtract. (Add stands by itself.)
#include <algorithm>

#include "nn/layers/merge.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class ElementwiseMerge : public Merge {
 public:
  using Function = Value (*)(Value, Value);
  ElementwiseMerge() = default;
  ElementwiseMerge(DescribeFn describe, Function function)
      : describe_(describe), function_(function) {}
  const ClassInfo& info() const override { return describe_(); }

 protected:
  Value combine(Value a, Value b) const override { return function_(a, b); }

 private:
  DescribeFn describe_ = nullptr;
  Function function_ = nullptr;
};

// A mask over time, [batch, time], as one over the elements of x; null for null.
Value widened(Value mask, Value x) {
  return mask ? ops::broadcast_like(ops::expand_dims(ops::cast(mask, x.dtype()), -1), x) : mask;
}

// What an input's mask leaves out counts as 1; the product is 0 where no input counts.
class MultiplyMerge : public ElementwiseMerge {
 public:
  using ElementwiseMerge::ElementwiseMerge;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    std::vector<Value> kept(inputs.begin(), inputs.end());
    Value any;
    bool all_masked = true;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Value mask = widened(context.masks[i], kept[i]);
      all_masked &= bool(mask);
      if (!mask) continue;
      kept[i] = ops::where(mask, kept[i], 1.0);
      any = any ? ops::maximum(any, mask) : mask;
    }
    const Value product = ElementwiseMerge::call(context, kept)[0];
    return {all_masked ? ops::where(any, product, 0.0) : product};
  }
};

// The larger or smaller of those inputs that count.
class ExtremeMerge : public ElementwiseMerge {
 public:
  using ElementwiseMerge::ElementwiseMerge;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (std::none_of(context.masks.begin(), context.masks.end(), [](Value m) { return bool(m); }))
      return ElementwiseMerge::call(context, inputs);
    Value merged = inputs[0], counts = widened(context.masks[0], inputs[0]);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      Value x = inputs[i];
      const Value mask = widened(context.masks[i], x);
      if (mask) x = ops::where(mask, x, merged);
      if (counts) merged = ops::where(counts, merged, x);
      counts = mask && counts ? ops::maximum(counts, mask) : Value{};
      merged = combine(merged, x);
    }
    return {merged};
  }
};

class AverageMerge : public ElementwiseMerge {
 public:
  using ElementwiseMerge::ElementwiseMerge;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    return {ElementwiseMerge::call(context, inputs)[0] / double(inputs.size())};
  }
};

class SubtractMerge : public ElementwiseMerge {
 public:
  using ElementwiseMerge::ElementwiseMerge;
  std::pair<int, int> input_count() const override { return {2, 2}; }
  bool takes_list() const override { return true; }
};

ClassInfo merge_info(const char* name, const char* doc) {
  ClassInfo c = class_info<ElementwiseMerge>("layers", name, "keras.layers", doc);
  c.attributes = Layer::base_attributes<ElementwiseMerge>();
  return c;
}

#define KERATIN_MERGE(Name, C, function, doc)                                              \
  struct Name {                                                                            \
    static const ClassInfo& describe() {                                                   \
      static const ClassInfo info = [] {                                                   \
        ClassInfo c = merge_info(#Name, doc);                                              \
        c.make = [] {                                                                      \
          return std::make_shared<C>(describe,                                             \
                                     static_cast<Value (*)(Value, Value)>(ops::function)); \
        };                                                                                 \
        return c;                                                                          \
      }();                                                                                 \
      return info;                                                                         \
    }                                                                                      \
  };                                                                                       \
  KERATIN_REGISTER(Name)

KERATIN_MERGE(Multiply, MultiplyMerge, multiply, "The product of its inputs.");
KERATIN_MERGE(Average, AverageMerge, add, "The mean of its inputs.");
KERATIN_MERGE(Maximum, ExtremeMerge, maximum, "The largest of its inputs.");
KERATIN_MERGE(Minimum, ExtremeMerge, minimum, "The smallest of its inputs.");
KERATIN_MERGE(Subtract, SubtractMerge, subtract, "The first input less the second.");

}  // namespace
}  // namespace keratin
