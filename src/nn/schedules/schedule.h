// Learning rates that depend on the step.
#pragma once

#include "core/registry.h"

namespace keratin {

class Schedule : public Object {
 public:
  static constexpr const char* kKind = "schedules";
  virtual double at(std::int64_t step) const = 0;  // computed in float32 as Keras does
};
using SchedulePtr = std::shared_ptr<Schedule>;

}  // namespace keratin
