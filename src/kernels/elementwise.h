// An elementwise program bound to a dtype and to shapes, ready to run: NumPy broadcasting of its
// inputs to the output's shape, in blocks that stay in the first-level cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/dtype.h"
#include "core/shape.h"
#include "kernels/program.h"

namespace keratin::kernels {

class Elementwise {
 public:
  // `dtype` is kFloat32 or kFloat64. At most kMaxInputs inputs are read and kMaxCode instructions.
  Elementwise(const Program& program, DType dtype, std::span<const Shape> inputs,
              const Shape& output);

  std::size_t inputs() const { return inputs_; }  // of the program, read or not

  static constexpr int kMaxInputs = 12;
  static constexpr int kMaxCode = 32;

  // Computes all elements, with all threads. `out` may be an input of the output's size.
  void run(const void* const* in, void* out) const;
  // Computes elements begin .. end-1 of the output (row-major) in the calling thread; `out` is the
  // whole output.
  void run(const void* const* in, void* out, std::int64_t begin, std::int64_t end) const;

  // A function applied to a block. An operand's element i is at p[i & mask]: a mask of 0 stands for
  // a number that is the same everywhere, of which 64 bytes are filled. n is a multiple of 64
  // bytes.
  struct Slot {
    const void* p;
    std::size_t mask;
  };
  struct Step;
  using BlockFn = void (*)(const Slot* slots, const Step& step, void* out, std::size_t n);
  struct Step {
    BlockFn fn;
    std::uint8_t operands[3];  // slots
    std::uint8_t result;       // slot; of the last step: the output
  };

 private:
  struct Axis {
    std::int64_t extent, stride;  // stride in elements, 0: broadcast
  };
  // How elements of an input are found from their place in the output.
  struct Access {
    enum class Kind : std::uint8_t { kDirect, kScalar, kPeriodic, kStrided };
    int input = 0;
    int slot = 0;
    Kind kind = Kind::kDirect;
    std::int64_t period = 0;  // kPeriodic
    std::size_t stage = 0;    // bytes into the scratch memory: where elements are gathered
    std::vector<Axis> axes;   // kStrided: outermost first, neighbours merged
  };

  template <class T>
  void run_range(const void* const* in, T* out, std::int64_t begin, std::int64_t end) const;
  static Access access_of(const Shape& input, const Shape& output);

  DType dtype_;
  std::size_t inputs_;
  std::int64_t size_ = 1;
  std::int64_t block_ = 0;  // elements
  std::vector<Access> accesses_;
  std::vector<Step> steps_;
  std::vector<Slot> slots_;  // numbers are filled in; the others at each run
  std::vector<std::size_t>
      stages_;                   // of each slot: its place in the scratch memory, if it is a result
  std::vector<double> numbers_;  // 64 bytes each
  std::size_t last_stage_ = 0;   // where the output goes if it is not whole vectors
};

}  // namespace keratin::kernels
