#include "nn/axes.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Scalar products of two inputs along an axis of each, sample by sample: [batch, the other axes of
// the first, the other axes of the second].
class Dot : public Layer {
 public:
  Axes axes;
  bool normalize = false;

  KERATIN_CLASS

  std::pair<int, int> input_count() const override { return {2, 2}; }
  bool takes_list() const override { return true; }

  void configured() override {
    Layer::configured();
    require(axes.values.size() == (axes.is_list ? 2 : 1), "layer '", name,
            "' (Dot): expected axes to be one number or two, got ",
            JsonTraits<Axes>::write(axes).dump());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    Value x = inputs[0], y = inputs[1];
    require(x.rank() >= 2 && y.rank() >= 2, "expected inputs of rank 2 or more, got shapes ",
            to_string(x.shape()), " and ", to_string(y.shape()));
    const int a = normalize_axis(axes.values.front(), x.rank());
    const int b = normalize_axis(axes.values.back(), y.rank());
    require(a > 0 && b > 0, "the batch axis cannot be summed over");
    const std::int64_t width = x.shape()[std::size_t(a)];
    require(width == y.shape()[std::size_t(b)], "axis ", a, " of ", to_string(x.shape()),
            " does not fit axis ", b, " of ", to_string(y.shape()));
    if (normalize) x = unit(x, a), y = unit(y, b);
    // [batch, rest, width] both.
    Shape shape{x.shape()[0]};
    const Value left = flat(x, a, shape), right = flat(y, b, shape);
    Value product = ops::matmul(left, right, false, true);
    if (shape.size() == 1) shape.push_back(1);
    return {ops::reshape(product, shape)};
  }

 private:
  static Value unit(Value x, int axis) {
    const Value inverse = ops::rsqrt(ops::sum(ops::square(x), {axis}, true));
    return x * ops::minimum(inverse, 1e7);
  }

  // The axis moved last, those between it and the batch made one; `rest` gets their extents.
  static Value flat(Value x, int axis, Shape& rest) {
    std::vector<int> order{0};
    Shape shape{x.shape()[0], 1};
    for (int i = 1; i < int(x.rank()); ++i) {
      if (i == axis) continue;
      order.push_back(i);
      shape[1] *= x.shape()[std::size_t(i)];
      rest.push_back(x.shape()[std::size_t(i)]);
    }
    order.push_back(axis);
    shape.push_back(x.shape()[std::size_t(axis)]);
    return ops::reshape(ops::transpose(x, order), shape);
  }
};

const ClassInfo& Dot::describe() {
  static const ClassInfo info = [] {
    using C = Dot;
    ClassInfo c = class_info<C>("layers", "Dot", "keras.layers",
                                "Scalar products of two inputs along an axis of each.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("axes", &C::axes, "The axis of both, or one of each.").required(),
         attribute<C>("normalize", &C::normalize, "Whether vectors are given unit length first.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Dot);

}  // namespace
}  // namespace keratin
