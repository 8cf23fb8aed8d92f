#include "core/error.h"

#include <sstream>

namespace keratin {

void Part::print_text(std::ostream& out, const Part& part) {
  out.write(part.value_.text, std::streamsize(part.size_));
}
void Part::print_char(std::ostream& out, const Part& part) { out << char(part.value_.integer); }
void Part::print_integer(std::ostream& out, const Part& part) { out << part.value_.integer; }
void Part::print_unsigned(std::ostream& out, const Part& part) { out << part.value_.natural; }
void Part::print_real(std::ostream& out, const Part& part) { out << part.value_.real; }

std::string concat_parts(std::initializer_list<Part> parts) {
  std::ostringstream out;
  for (const Part& part : parts) part.print(out);
  return out.str();
}

void fail_with(Code code, std::initializer_list<Part> parts) {
  throw Error(code, concat_parts(parts));
}

}  // namespace keratin
