#include <algorithm>

#include "nn/constraints/constraint.h"

namespace keratin {
namespace {

class NonNeg : public Constraint {
 public:
  KERATIN_CLASS
  void apply(Tensor& weight) const override {
    for (float& w : weight.span<float>()) w = std::max(w, 0.0f);
  }
};

const ClassInfo& NonNeg::describe() {
  static const ClassInfo info = class_info<NonNeg>("constraints", "NonNeg", "keras.constraints",
                                                   "Negative weights become 0.");
  return info;
}
KERATIN_REGISTER(NonNeg);

}  // namespace
}  // namespace keratin
