#include "nn/activations/activation.h"

namespace keratin {
namespace {

class Linear : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x; }
};

const ClassInfo& Linear::describe() {
  static const ClassInfo info = activation_info<Linear>("linear", "x itself.");
  return info;
}
KERATIN_REGISTER(Linear);

}  // namespace

ActivationPtr linear() { return std::make_shared<Linear>(); }

}  // namespace keratin
