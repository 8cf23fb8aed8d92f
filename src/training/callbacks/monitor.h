// The base of callbacks that watch one number of the logs get better or worse.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "training/callback.h"

namespace keratin {

class MonitorCallback : public Callback {
 public:
  std::string monitor = "val_loss";
  std::string mode = "auto";
  double min_delta = 0;
  std::int64_t verbose = 0;

  template <class C>
  static Attribute monitor_attribute() {
    return attribute<C>("monitor", &C::monitor, "Key in the logs of what is watched.");
  }
  template <class C>
  static Attribute mode_attribute() {
    return attribute<C>("mode", &C::mode,
                        "Whether less or more is better; auto: as the metric says.")
        .one_of({"auto", "min", "max"});
  }
  template <class C>
  static Attribute min_delta_attribute() {
    return attribute<C>("min_delta", &C::min_delta, "A smaller change is no improvement.");
  }
  template <class C>
  static Attribute verbose_attribute() {
    return attribute<C>("verbose", &C::verbose, "1: say what is done.");
  }

 protected:
  // The monitored value, or none where the logs have none: then it says so once, and what it does
  // not do for that.
  std::optional<double> monitored(const Logs& logs, const char* without);
  // Anything is better than nothing.
  bool is_improvement(double value, const std::optional<double>& reference);
  void say(const std::string& line) const;  // through LoopState::print

 private:
  bool less_is_better() const;

  std::optional<bool> less_;
  bool told_ = false;
};

}  // namespace keratin
