// Plays a case: load, predict, fit, evaluate, save, load, predict.
#pragma once

#include "case.h"

namespace keratin::conformance {

// Throws what went wrong, naming the step. Files are written into `scratch`.
void play(const Case& c, const std::string& scratch);

}  // namespace keratin::conformance
