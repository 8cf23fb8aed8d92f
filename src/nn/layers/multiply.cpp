#include "nn/layers/merge.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Multiply : public Merge {
 public:
  KERATIN_CLASS

 protected:
  Value combine(Value a, Value b) const override { return a * b; }
};

const ClassInfo& Multiply::describe() {
  static const ClassInfo info = [] {
    ClassInfo c =
        class_info<Multiply>("layers", "Multiply", "keras.layers", "The product of its inputs.");
    c.attributes = base_attributes<Multiply>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Multiply);

}  // namespace
}  // namespace keratin
