#include "nn/activations/activation.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class Glu : public Activation {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  Value call(Value x) const override {
    const int a = normalize_axis(axis, x.rank());
    const std::int64_t extent = x.shape()[std::size_t(a)];
    require(extent != kUnknown && extent % 2 == 0,
            "glu: expected an even number of elements along axis ", axis, ", got shape ",
            to_string(x.shape()));
    return ops::slice(x, a, 0, extent / 2) * ops::sigmoid(ops::slice(x, a, extent / 2, extent));
  }
};

const ClassInfo& Glu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Glu>("glu",
                                       "Gated linear unit: the first half of an axis times the "
                                       "sigmoid of the second, Dauphin et al. 2016.");
    c.attributes = {attribute<Glu>("axis", &Glu::axis, "The axis that is halved.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Glu);

}  // namespace

}  // namespace keratin
