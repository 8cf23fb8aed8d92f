// Learning rates that depend on the step.
#pragma once

#include "core/registry.h"

namespace keratin {

class Schedule : public Object {
 public:
  static constexpr const char* kKind = "schedules";
  std::string name;

  // The rate of a step, the first being 0; computed in float32 as Keras does.
  virtual double at(std::int64_t step) const = 0;
};
using SchedulePtr = std::shared_ptr<Schedule>;

// What describe() of a schedule begins with; the object made by default has Keras' default name.
template <class C>
ClassInfo schedule_info(std::string class_name, std::string doc) {
  return class_info<C>("schedules", std::move(class_name), "keras.optimizers.schedules",
                       std::move(doc));
}

}  // namespace keratin
