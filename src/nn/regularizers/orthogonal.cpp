#include "nn/regularizers/regularizer.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// The mean absolute cosine between different rows (or columns) of a matrix, times the factor.
class OrthogonalRegularizer : public Regularizer {
 public:
  double factor = 0.01;
  std::string mode = "rows";

  KERATIN_CLASS
  void configured() override { factor = float(factor); }  // Keras keeps, and writes, a float32

  Value call(Value x) const override {
    const bool rows = mode == "rows";
    require(x.rank() == 2, "OrthogonalRegularizer: expected a matrix, got shape ",
            to_string(x.shape()));
    const std::int64_t size = x.shape()[rows ? 0 : 1];
    require(size != kUnknown, "OrthogonalRegularizer: the number of ", mode, " is not known");

    const Value squares = ops::sum(ops::square(x), {rows ? 1 : 0}, true);
    const Value unit = x * ops::minimum(ops::rsqrt(squares), 1e7);
    const Value cosines = ops::matmul(unit, unit, !rows, rows);
    Tensor off_diagonal(x.dtype(), {size, size});
    for (std::int64_t i = 0; i < size * size; ++i) {
      const bool on_diagonal = i / size == i % size;
      if (x.dtype() == DType::kFloat64)
        off_diagonal.data<double>()[i] = !on_diagonal;
      else
        off_diagonal.data<float>()[i] = !on_diagonal;
    }
    const double pairs = double(size) * double(size - 1) / 2;  // none: not a number, as in Keras
    return (0.5 * factor / pairs) *
           ops::sum(ops::abs(cosines * x.graph().constant(std::move(off_diagonal))));
  }
};

const ClassInfo& OrthogonalRegularizer::describe() {
  static const ClassInfo info = [] {
    using C = OrthogonalRegularizer;
    ClassInfo c = class_info<C>("regularizers", "OrthogonalRegularizer", "keras.regularizers",
                                "Draws the rows or columns of a matrix towards right angles.");
    c.attributes = {attribute<C>("factor", &C::factor, "Factor."),
                    attribute<C>("mode", &C::mode, "Which vectors.").one_of({"rows", "columns"})};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(OrthogonalRegularizer);

}  // namespace
}  // namespace keratin
