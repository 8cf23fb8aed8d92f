// Layers that combine their inputs element by element: Multiply, Average, Maximum, Minimum,
// Subtract. (Add stands by itself.)
#include "nn/layers/merge.h"
#include "ops/elementwise.h"

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

KERATIN_MERGE(Multiply, ElementwiseMerge, multiply, "The product of its inputs.");
KERATIN_MERGE(Average, AverageMerge, add, "The mean of its inputs.");
KERATIN_MERGE(Maximum, ElementwiseMerge, maximum, "The largest of its inputs.");
KERATIN_MERGE(Minimum, ElementwiseMerge, minimum, "The smallest of its inputs.");
KERATIN_MERGE(Subtract, SubtractMerge, subtract, "The first input less the second.");

}  // namespace
}  // namespace keratin
