#include "kernels/elementwise.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/threads.h"
#include "kernels/elementwise_functions.h"

namespace keratin::kernels {
namespace {

constexpr std::size_t kVectorBytes = 64;  // of the widest instruction set
constexpr std::size_t kScratchBytes = 32 * 1024;
constexpr std::int64_t kPiece = 16 * 1024;  // elements given to one thread at a time
constexpr std::size_t kMaxSlots = 160;
constexpr std::size_t kMaxAxes = 16;

std::int64_t round_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

template <class T>
constexpr std::int64_t kLanes = static_cast<std::int64_t>(kVectorBytes / sizeof(T));

// Writes whole vectors: up to kLanes - 1 elements more than n.
template <class T>
void fill(T* to, std::int64_t n, T value) {
  for (std::int64_t i = 0; i < n; i += kLanes<T>)
    for (std::int64_t k = 0; k < kLanes<T>; ++k) to[i + k] = value;
}

template <class T>
void repeat(T* to, std::int64_t n, const T* pattern, std::int64_t period) {
  std::int64_t done = std::min(n, period);
  std::memcpy(to, pattern, static_cast<std::size_t>(done) * sizeof(T));
  while (done < n) {
    const std::int64_t more = std::min(done, n - done);
    std::memcpy(to + done, to, static_cast<std::size_t>(more) * sizeof(T));
    done += more;
  }
}

// Elements begin .. begin+n-1 of an array seen through `axes` (extent, stride).
template <class T, class Axes>
void gather(T* to, std::int64_t n, const T* from, const Axes& axes, std::int64_t begin) {
  const std::size_t rank = axes.size();
  std::int64_t index[kMaxAxes];
  std::int64_t offset = 0;
  for (std::size_t i = rank; i-- > 0;) {
    index[i] = begin % axes[i].extent;
    begin /= axes[i].extent;
    offset += index[i] * axes[i].stride;
  }
  const auto& inner = axes[rank - 1];
  for (std::int64_t done = 0; done < n;) {
    const std::int64_t run = std::min(n - done, inner.extent - index[rank - 1]);
    if (inner.stride == 0) {
      fill(to + done, run, from[offset]);
    } else {
      for (std::int64_t i = 0; i < run; ++i) to[done + i] = from[offset + i * inner.stride];
    }
    done += run;
    offset += run * inner.stride;
    index[rank - 1] += run;
    for (std::size_t i = rank - 1; index[i] == axes[i].extent; --i) {
      offset -= axes[i].extent * axes[i].stride;
      index[i] = 0;
      if (i == 0) break;
      ++index[i - 1];
      offset += axes[i - 1].stride;
    }
  }
}

}  // namespace

Elementwise::Access Elementwise::access_of(const Shape& input, const Shape& output) {
  Access access;
  const std::size_t missing = output.size() - input.size();
  std::int64_t stride = 1;
  for (std::size_t i = output.size(); i-- > 0;) {
    const std::int64_t extent = i < missing ? 1 : input[i - missing];
    if (output[i] != 1) {
      const Axis axis{output[i], extent == 1 ? 0 : stride};
      if (!access.axes.empty() &&
          access.axes.back().extent * access.axes.back().stride == axis.stride &&
          (axis.stride != 0) == (access.axes.back().stride != 0))
        access.axes.back().extent *= axis.extent;
      else
        access.axes.push_back(axis);
    }
    stride *= extent;
  }
  std::reverse(access.axes.begin(), access.axes.end());
  const std::vector<Axis>& axes = access.axes;
  if (axes.empty() || (axes.size() == 1 && axes[0].stride == 0)) {
    access.kind = Access::Kind::kScalar;
  } else if (axes.size() == 1) {
    access.kind = Access::Kind::kDirect;
  } else if (axes.size() == 2 && axes[0].stride == 0) {
    access.kind = Access::Kind::kPeriodic;
    access.period = axes[1].extent;
  } else {
    access.kind = Access::Kind::kStrided;
  }
  if (axes.size() > kMaxAxes) fail(Code::kUnsupported, "broadcasting over more than 16 axes");
  return access;
}

Elementwise::Elementwise(const Program& program, DType dtype, std::span<const Shape> inputs,
                         const Shape& output)
    : dtype_(dtype), inputs_(inputs.size()), size_(element_count(output)) {
  const std::size_t width = size_of(dtype);
  const auto new_slot = [this](std::size_t mask) {
    slots_.push_back({nullptr, mask});
    stages_.push_back(0);
    if (slots_.size() > kMaxSlots) fail(Code::kInternal, "an elementwise program is too long");
    return static_cast<std::uint8_t>(slots_.size() - 1);
  };

  std::vector<int> slot_of_input(inputs.size(), -1);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!program.reads(static_cast<int>(i))) continue;
    Access access = access_of(inputs[i], output);
    access.input = static_cast<int>(i);
    access.slot = new_slot(access.kind == Access::Kind::kScalar ? 0 : ~std::size_t{0});
    slot_of_input[i] = access.slot;
    accesses_.push_back(std::move(access));
  }

  // Numbers first, so that numbers_ does not move once slots point into it.
  std::vector<double> constants;
  const auto same_bits = [](double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; };
  const auto find_constant = [&](double number) {
    for (std::size_t i = 0; i < constants.size(); ++i)
      if (same_bits(constants[i], number)) return i;
    constants.push_back(number);
    return constants.size() - 1;
  };
  for (const Instruction& instruction : program.code)
    for (int k = 0; k < arity(instruction.fn); ++k)
      if (instruction.operands[k].kind == Operand::Kind::kNumber)
        find_constant(instruction.operands[k].number);
  constexpr std::size_t kDoubles = kVectorBytes / sizeof(double);
  numbers_.resize(constants.size() * kDoubles);
  const std::size_t first_number = slots_.size();
  for (std::size_t i = 0; i < constants.size(); ++i) {
    double* place = numbers_.data() + i * kDoubles;
    if (dtype == DType::kFloat64)
      std::fill_n(place, kDoubles, constants[i]);
    else
      for (std::size_t k = 0; k < 2 * kDoubles; ++k) {
        const auto number = static_cast<float>(constants[i]);
        std::memcpy(reinterpret_cast<char*>(place) + k * sizeof number, &number, sizeof number);
      }
    slots_[new_slot(0)].p = place;
  }

  // Results share a slot where one is dead before the other lives.
  std::vector<std::size_t> last_use(program.code.size(), 0);
  for (std::size_t i = 0; i < program.code.size(); ++i)
    for (int k = 0; k < arity(program.code[i].fn); ++k)
      if (program.code[i].operands[k].kind == Operand::Kind::kResult)
        last_use[static_cast<std::size_t>(program.code[i].operands[k].index)] = i;
  const BlockFn* functions = block_functions(dtype);
  std::vector<std::uint8_t> free_slots, result_slots;
  for (std::size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& instruction = program.code[i];
    Step step{functions[static_cast<int>(instruction.fn)], {0, 0, 0}, 0};
    for (int k = 0; k < arity(instruction.fn); ++k) {
      const Operand& operand = instruction.operands[k];
      if (operand.kind == Operand::Kind::kInput)
        step.operands[k] =
            static_cast<std::uint8_t>(slot_of_input[static_cast<std::size_t>(operand.index)]);
      else if (operand.kind == Operand::Kind::kNumber)
        step.operands[k] = static_cast<std::uint8_t>(first_number + find_constant(operand.number));
      else
        step.operands[k] = steps_[static_cast<std::size_t>(operand.index)].result;
    }
    for (std::size_t j = 0; j < i; ++j)
      if (last_use[j] == i) free_slots.push_back(steps_[j].result);
    if (i + 1 < program.code.size()) {
      if (free_slots.empty()) {
        step.result = new_slot(~std::size_t{0});
        result_slots.push_back(step.result);
      } else {
        step.result = free_slots.back();
        free_slots.pop_back();
      }
    }
    steps_.push_back(step);
  }

  // The block is as long as the scratch memory allows: one for each result and input, two for one
  // that repeats.
  std::size_t blocks = result_slots.size() + 1;
  for (const Access& access : accesses_)
    blocks += access.kind == Access::Kind::kScalar     ? 0
              : access.kind == Access::Kind::kPeriodic ? 2
                                                       : 1;
  std::size_t block_bytes = 2048;
  const std::size_t padding = (accesses_.size() + 1) * 2 * kVectorBytes;
  while (blocks * block_bytes + padding > kScratchBytes && block_bytes > 256) block_bytes /= 2;
  if (blocks * block_bytes + padding > kScratchBytes)
    fail(Code::kInternal, "an elementwise program needs too much memory");
  block_ = static_cast<std::int64_t>(block_bytes / width);
  std::size_t stage = 0;
  const auto take = [&stage](std::size_t bytes) {
    const std::size_t place = stage;
    stage += bytes;
    return place;
  };
  for (const std::uint8_t slot : result_slots) stages_[slot] = take(block_bytes);
  last_stage_ = take(block_bytes);
  for (Access& access : accesses_) {
    if (access.kind == Access::Kind::kScalar)
      access.stage = take(kVectorBytes);
    else
      access.stage =
          take(block_bytes * (access.kind == Access::Kind::kPeriodic ? 2 : 1) + kVectorBytes);
  }
  for (std::size_t i = first_number + constants.size(); i < slots_.size(); ++i)
    slots_[i].mask = ~std::size_t{0};
}

template <class T>
void Elementwise::run_range(const void* const* in, T* out, std::int64_t begin,
                            std::int64_t end) const {
  using Kind = Access::Kind;
  alignas(kVectorBytes) std::byte scratch[kScratchBytes];
  Slot slots[kMaxSlots];
  for (std::size_t i = 0; i < slots_.size(); ++i)
    slots[i] = {slots_[i].p ? slots_[i].p : scratch + stages_[i], slots_[i].mask};

  const std::int64_t longest = round_up(std::min(block_, end - begin), kLanes<T>);
  for (const Access& access : accesses_) {
    const T* from = static_cast<const T*>(in[access.input]);
    T* stage = reinterpret_cast<T*>(scratch + access.stage);
    slots[access.slot].p = stage;
    if (access.kind == Kind::kScalar)
      fill(stage, kLanes<T>, *from);
    else if (access.kind == Kind::kPeriodic && access.period <= block_)
      repeat(stage, longest + access.period, from, access.period);
  }

  const std::size_t last = steps_.size() - 1;
  for (std::int64_t at = begin; at < end; at += block_) {
    const std::int64_t n = std::min(block_, end - at);
    const std::int64_t padded = round_up(n, kLanes<T>);
    for (const Access& access : accesses_) {
      const T* from = static_cast<const T*>(in[access.input]);
      T* stage = reinterpret_cast<T*>(scratch + access.stage);
      const void*& p = slots[access.slot].p;
      switch (access.kind) {
        case Kind::kScalar:
          break;
        case Kind::kDirect:
          if (padded == n) {
            p = from + at;
          } else {
            std::memcpy(stage, from + at, static_cast<std::size_t>(n) * sizeof(T));
            std::memset(stage + n, 0, static_cast<std::size_t>(padded - n) * sizeof(T));
            p = stage;
          }
          break;
        case Kind::kPeriodic: {
          const std::int64_t offset = at % access.period;
          if (access.period <= block_) {
            p = stage + offset;
          } else if (offset + padded <= access.period) {
            p = from + offset;
          } else {
            const std::int64_t left = access.period - offset;
            std::memcpy(stage, from + offset, static_cast<std::size_t>(left) * sizeof(T));
            std::memcpy(stage + left, from, static_cast<std::size_t>(padded - left) * sizeof(T));
            p = stage;
          }
          break;
        }
        case Kind::kStrided:
          gather(stage, n, from, access.axes, at);
          std::memset(stage + n, 0, static_cast<std::size_t>(padded - n) * sizeof(T));
          break;
      }
    }
    for (std::size_t i = 0; i < last; ++i) {
      const Step& step = steps_[i];
      step.fn(slots, step, const_cast<void*>(slots[step.result].p),
              static_cast<std::size_t>(padded));
    }
    if (padded == n) {
      steps_[last].fn(slots, steps_[last], out + at, static_cast<std::size_t>(n));
    } else {
      steps_[last].fn(slots, steps_[last], scratch + last_stage_, static_cast<std::size_t>(padded));
      std::memcpy(out + at, scratch + last_stage_, static_cast<std::size_t>(n) * sizeof(T));
    }
  }
}

void Elementwise::run(const void* const* in, void* out, std::int64_t begin,
                      std::int64_t end) const {
  if (begin >= end) return;
  if (dtype_ == DType::kFloat64)
    run_range(in, static_cast<double*>(out), begin, end);
  else
    run_range(in, static_cast<float*>(out), begin, end);
}

void Elementwise::run(const void* const* in, void* out) const {
  if (size_ <= 2 * kPiece) return run(in, out, 0, size_);
  parallel_for((size_ + kPiece - 1) / kPiece, [&](std::int64_t piece) {
    run(in, out, piece * kPiece, std::min(size_, (piece + 1) * kPiece));
  });
}

}  // namespace keratin::kernels
