#include "ops/eye.h"

#include <algorithm>

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

class EyeLikeOp : public Op {
 public:
  std::string_view name() const override { return "eye_like"; }
  bool differentiable() const override { return false; }
  bool shape_only(int) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype) && in[0].shape.size() >= 2,
            "eye_like: expected a floating tensor of rank 2 or more, got ",
            keratin::name_of(in[0].dtype), " ", to_string(in[0].shape));
    return {in[0]};
  }
  Kernel bind(std::span<const Spec>, std::span<const Spec> out) const override {
    const std::int64_t columns = out[0].shape.back(), rows = out[0].shape[out[0].shape.size() - 2];
    const std::int64_t size = element_count(out[0].shape);
    const auto kernel = [=](auto type) -> Kernel {
      return {[=](const Buffers& b) {
        auto* y = b.output<decltype(type)>(0);
        for (std::int64_t i = 0; i < size; ++i)
          y[i] = i % columns == i / columns % rows ? decltype(type)(1) : decltype(type)(0);
      }};
    };
    return out[0].dtype == DType::kFloat64 ? kernel(double{}) : kernel(float{});
  }
};

}  // namespace

Value eye_like(Value x) { return x.graph().apply(std::make_shared<EyeLikeOp>(), {x})[0]; }

}  // namespace keratin::ops
