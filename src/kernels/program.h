// Elementwise programs: a few functions applied one after another to the elements at one place of
// several arrays. A chain of elementwise ops becomes one program, and one walk over memory.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace keratin::kernels {

// Every elementwise function: name and number of operands. Kernels for float (SIMD) are in
// elementwise_float.cpp, for double in scalar_functions.h, gradient rules in
// ops/elementwise_gradient.cpp.
// clang-format off
#define KERATIN_ELEMENTWISE_FUNCTIONS(X)                                                           \
  X(copy, 1) X(add, 2) X(subtract, 2) X(multiply, 2) X(divide, 2) X(maximum, 2) X(minimum, 2)      \
  X(power, 2) X(negative, 1) X(abs, 1) X(sign, 1) X(square, 1) X(sqrt, 1) X(rsqrt, 1)              \
  X(reciprocal, 1) X(exp, 1) X(expm1, 1) X(log, 1) X(log1p, 1) X(sin, 1) X(cos, 1) X(tanh, 1)      \
  X(sigmoid, 1) X(softplus, 1) X(relu, 1) X(erf, 1) X(floor, 1) X(round, 1) X(equal, 2)            \
  X(not_equal, 2) X(greater, 2) X(greater_equal, 2) X(less, 2) X(less_equal, 2)                    \
  X(is_finite, 1) X(where, 3) X(clip, 3) X(fmod, 2) X(atan2, 2)                                   \
  X(share_of_extreme, 3) /* (a, extreme, b): the part of its gradient that a gets, b the other */  \
  X(share_of_clip, 3) /* (a, low, high): 1 inside, 1/2 at a bound, 0 outside */                    \
  X(log_or_zero, 1) /* log, but 0 at 0 */                                                          \
  X(where_positive, 3) /* (a, b, c): b where a > 0, else c */                                      \
  X(gelu, 1) X(gelu_slope, 1) /* x times the normal distribution function, and its derivative */
// clang-format on

enum class Fn : std::uint8_t {
#define KERATIN_X(name, arity) name,
  KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
};

inline constexpr int kFunctionCount = 0
#define KERATIN_X(name, arity) +1
    KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
    ;

std::string_view name_of(Fn fn);
int arity(Fn fn);

// Where an instruction takes an operand from.
struct Operand {
  enum class Kind : std::uint8_t { kInput, kResult, kNumber };
  Kind kind = Kind::kInput;
  int index = 0;      // of the input, or of the earlier instruction
  double number = 0;  // kNumber

  static Operand input(int i) { return {Kind::kInput, i, 0}; }
  static Operand result(int i) { return {Kind::kResult, i, 0}; }
  static Operand of(double number) { return {Kind::kNumber, 0, number}; }
  bool operator==(const Operand& other) const;  // numbers by their bits
};

struct Instruction {
  Fn fn = Fn::copy;
  Operand operands[3];  // arity(fn) of them are used
  bool operator==(const Instruction& other) const;
};

// The last instruction's result is the program's. An input that no instruction reads only takes
// part in the broadcasting of the shapes.
struct Program {
  int inputs = 0;
  std::vector<Instruction> code;

  bool reads(int input) const;
};

// The program that computes `after` with the result of `before` in place of its inputs for which
// `place` is -1. Input i of `before` is input i of the whole; input i of `after` is input place[i].
// Copies, repeated and unused instructions are left out.
Program join(const Program& before, const Program& after, const std::vector<int>& place,
             int inputs);

// One function of double operands: the meaning of `fn`.
double evaluate(Fn fn, double a, double b = 0, double c = 0);

}  // namespace keratin::kernels
