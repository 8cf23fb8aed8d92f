// Ops that treat the matrices of the last two axes each by itself; the axes before them broadcast.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "graph/op.h"

namespace keratin::ops {

// Where each matrix of the broadcast batch `all` begins in an operand with these batch axes, whose
// matrices have `matrix` elements.
std::vector<std::int64_t> batch_offsets(const Shape& own, const Shape& all, std::int64_t matrix);

// One matrix of each operand and result, and scratch memory of its own.
struct MatrixCall {
  std::array<const void*, 3> in;
  std::array<void*, 3> out;
  void* scratch;

  bool is_double;  // the floating operands and results, else float
  std::array<std::int64_t, 3> in_size, out_size;

  // A floating operand as doubles, and doubles as a floating result.
  void load(std::size_t input, double* to) const;
  void store(std::size_t output, const double* from) const;
};

// Derived classes know the shapes of one matrix each; batch axes, dtypes and errors are done here.
class MatrixOp : public Op {
 public:
  using Matrix = std::array<std::int64_t, 2>;  // rows, columns

  explicit MatrixOp(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  std::vector<Spec> infer(std::span<const Spec> in) const override;
  bool by_row(const Node& node) const override;
  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override;

 protected:
  struct Result {
    Shape shape;  // without the batch axes
    bool is_integer = false;
  };
  using Run = std::function<void(const MatrixCall&)>;

  // Of matrices whose extents may not be known. Throws what is wrong with them, without the name.
  virtual std::vector<Result> results(std::span<const Matrix> in) const = 0;
  // Of known extents, and the bytes of scratch that one call needs.
  virtual std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in,
                                               bool is_double) const = 0;

 private:
  std::string name_;
};

void require_square(const MatrixOp::Matrix& matrix);
void require_matrices(const Shape& shape);  // of rank 2 or more

}  // namespace keratin::ops
