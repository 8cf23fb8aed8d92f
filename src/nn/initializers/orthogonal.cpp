#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "nn/initializers/fill.h"
#include "nn/initializers/initializer.h"
#include "nn/seed.h"

namespace keratin {
namespace {

// The orthonormal factor Q of a (row-major, rows x columns, rows >= columns), with the signs for
// which R has a positive diagonal, which makes Q uniformly distributed where a is normal (Mezzadri
// 2007).
std::vector<double> orthonormal_columns(std::vector<double> a, std::int64_t rows,
                                        std::int64_t columns) {
  const auto at = [&](std::int64_t r, std::int64_t c) -> double& {
    return a[std::size_t(r * columns + c)];
  };
  // Householder reflections; reflector k is kept in column k from the diagonal down, of norm 1.
  std::vector<double> sign(std::size_t(columns), 1);
  for (std::int64_t k = 0; k < columns; ++k) {
    double square = 0;
    for (std::int64_t r = k; r < rows; ++r) square += at(r, k) * at(r, k);
    const double diagonal = at(k, k) > 0 ? -std::sqrt(square) : std::sqrt(square);
    sign[std::size_t(k)] = diagonal < 0 ? -1 : 1;
    at(k, k) -= diagonal;
    double norm = 0;
    for (std::int64_t r = k; r < rows; ++r) norm += at(r, k) * at(r, k);
    norm = std::sqrt(norm);
    if (norm == 0) continue;
    for (std::int64_t r = k; r < rows; ++r) at(r, k) /= norm;
    for (std::int64_t c = k + 1; c < columns; ++c) {
      double dot = 0;
      for (std::int64_t r = k; r < rows; ++r) dot += at(r, k) * at(r, c);
      for (std::int64_t r = k; r < rows; ++r) at(r, c) -= 2 * dot * at(r, k);
    }
  }
  // Q is the product of the reflections, applied from the last to the columns of the unit matrix.
  std::vector<double> q(a.size(), 0);
  for (std::int64_t c = 0; c < columns; ++c) {
    const auto qc = [&](std::int64_t r) -> double& { return q[std::size_t(r * columns + c)]; };
    qc(c) = sign[std::size_t(c)];
    for (std::int64_t k = columns - 1; k >= 0; --k) {
      double dot = 0;
      for (std::int64_t r = k; r < rows; ++r) dot += at(r, k) * qc(r);
      for (std::int64_t r = k; r < rows; ++r) qc(r) -= 2 * dot * at(r, k);
    }
  }
  return q;
}

class Orthogonal : public Initializer {
 public:
  Seed seed;
  double gain = 1;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating("Orthogonal", dtype);
    require(shape.size() >= 2, "Orthogonal: expected a shape of rank 2 or more, got ",
            to_string(shape));
    const std::int64_t rows = product(shape, 0, shape.size() - 1), columns = shape.back();
    const std::int64_t tall = std::max(rows, columns), narrow = std::min(rows, columns);
    Random random(seed.draw());
    std::vector<double> normal(std::size_t(tall * narrow));
    for (double& x : normal) x = random.normal();
    const std::vector<double> q = orthonormal_columns(std::move(normal), tall, narrow);
    return filled(dtype, shape, [&](std::int64_t i) {
      const std::int64_t row = i / columns, column = i % columns;
      return gain * q[std::size_t(rows < columns ? column * narrow + row : i)];
    });
  }
};

const ClassInfo& Orthogonal::describe() {
  static const ClassInfo info = [] {
    using C = Orthogonal;
    ClassInfo c = class_info<C>(
        "initializers", "Orthogonal", "keras.initializers",
        "A random orthogonal matrix; of higher ranks, all axes but the last count as rows.");
    c.aliases = {"OrthogonalInitializer"};
    c.attributes = {attribute<C>("seed", &C::seed, "Seed; null: another one each time."),
                    attribute<C>("gain", &C::gain, "Factor.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Orthogonal);

}  // namespace

InitializerPtr orthogonal() { return std::make_shared<Orthogonal>(); }

}  // namespace keratin
