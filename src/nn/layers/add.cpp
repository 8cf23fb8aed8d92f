#include "nn/layers/merge.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Add : public Merge {
 public:
  KERATIN_CLASS

 protected:
  Value combine(Value a, Value b) const override { return a + b; }
};

const ClassInfo& Add::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Add>("layers", "Add", "keras.layers", "The sum of its inputs.");
    c.attributes = base_attributes<Add>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Add);

}  // namespace
}  // namespace keratin
