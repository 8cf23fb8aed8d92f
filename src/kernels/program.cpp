#include "kernels/program.h"

#include <bit>

#include "kernels/scalar_functions.h"

namespace keratin::kernels {

std::string_view name_of(Fn fn) {
  static constexpr std::string_view kNames[] = {
#define KERATIN_X(name, arity) #name,
      KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
  };
  return kNames[static_cast<int>(fn)];
}

int arity(Fn fn) {
  static constexpr int kArity[] = {
#define KERATIN_X(name, arity) arity,
      KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
  };
  return kArity[static_cast<int>(fn)];
}

bool Operand::operator==(const Operand& other) const {
  return kind == other.kind && index == other.index &&
         std::bit_cast<std::uint64_t>(number) == std::bit_cast<std::uint64_t>(other.number);
}

bool Instruction::operator==(const Instruction& other) const {
  if (fn != other.fn) return false;
  for (int i = 0; i < arity(fn); ++i)
    if (!(operands[i] == other.operands[i])) return false;
  return true;
}

bool Program::reads(int input) const {
  for (const Instruction& instruction : code)
    for (int i = 0; i < arity(instruction.fn); ++i)
      if (instruction.operands[i] == Operand::input(input)) return true;
  return false;
}

namespace {

// Appends instructions one by one, giving back where the result of each is found.
class Builder {
 public:
  Operand append(const Instruction& instruction) {
    if (instruction.fn == Fn::copy) return instruction.operands[0];
    for (std::size_t i = 0; i < code_.size(); ++i)
      if (code_[i] == instruction) return Operand::result(static_cast<int>(i));
    code_.push_back(instruction);
    return Operand::result(static_cast<int>(code_.size()) - 1);
  }

  // The code that is needed for `result`, which its last instruction computes.
  std::vector<Instruction> finish(const Operand& result) {
    if (result.kind != Operand::Kind::kResult) return {{Fn::copy, {result}}};
    std::vector<char> needed(code_.size(), 0);
    needed[static_cast<std::size_t>(result.index)] = 1;
    for (std::size_t i = code_.size(); i-- > 0;)
      if (needed[i])
        for (int k = 0; k < arity(code_[i].fn); ++k)
          if (code_[i].operands[k].kind == Operand::Kind::kResult)
            needed[static_cast<std::size_t>(code_[i].operands[k].index)] = 1;
    std::vector<int> place(code_.size(), -1);
    std::vector<Instruction> kept;
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (!needed[i]) continue;
      Instruction instruction = code_[i];
      for (Operand& operand : instruction.operands)
        if (operand.kind == Operand::Kind::kResult)
          operand.index = place[static_cast<std::size_t>(operand.index)];
      place[i] = static_cast<int>(kept.size());
      kept.push_back(instruction);
    }
    return kept;
  }

 private:
  std::vector<Instruction> code_;
};

}  // namespace

Program join(const Program& before, const Program& after, const std::vector<int>& place,
             int inputs) {
  Builder builder;
  const auto add = [&](const Program& program, const auto& input) {
    std::vector<Operand> results;
    for (Instruction instruction : program.code) {
      for (int k = 0; k < arity(instruction.fn); ++k) {
        Operand& operand = instruction.operands[k];
        if (operand.kind == Operand::Kind::kInput)
          operand = input(operand.index);
        else if (operand.kind == Operand::Kind::kResult)
          operand = results[static_cast<std::size_t>(operand.index)];
      }
      for (int k = arity(instruction.fn); k < 3; ++k) instruction.operands[k] = Operand::of(0);
      results.push_back(builder.append(instruction));
    }
    return results.back();
  };
  const Operand middle = add(before, [](int i) { return Operand::input(i); });
  const Operand last = add(after, [&](int i) {
    const int p = place[static_cast<std::size_t>(i)];
    return p < 0 ? middle : Operand::input(p);
  });
  return {inputs, builder.finish(last)};
}

double evaluate(Fn fn, double a, double b, double c) {
  switch (fn) {
#define KERATIN_X(name, arity) \
  case Fn::name:               \
    return scalar::name(a, b, c);
    KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
  }
  return 0;
}

}  // namespace keratin::kernels
