#include "training/callbacks/monitor.h"

#include <cmath>

#include "core/error.h"
#include "model/compile.h"

namespace keratin {

std::optional<double> MonitorCallback::monitored(const Logs& logs, const char* without) {
  if (const double* value = find_log(logs, monitor)) return *value;
  if (!told_) {
    std::string known;
    for (const auto& [key, value] : logs) known += (known.empty() ? "" : ",") + key;
    say(concat(info().name, ": the metric '", monitor, "' is not available, ", without,
               ". Available metrics: ", known));
  }
  told_ = true;
  return {};
}

bool MonitorCallback::is_improvement(double value, const std::optional<double>& reference) {
  if (!less_) less_ = less_is_better();
  if (!reference) return true;
  const double delta = std::abs(min_delta);
  return *less_ ? value + delta < *reference : value - delta > *reference;
}

bool MonitorCallback::less_is_better() const {
  if (mode != "auto") return mode == "min";
  const std::string key = monitor.starts_with("val_") ? monitor.substr(4) : monitor;
  const Compiled& compiled = *loop->model->compiled;
  for (const Compiled::Tracker& tracker : compiled.loss_trackers())
    if (tracker.key == key) return true;
  for (const Compiled::Entry& entry : compiled.metrics())
    if (entry.key == key || entry.metric->name == key) {
      if (entry.metric->direction() == Metric::Direction::kUp) return false;
      if (entry.metric->direction() == Metric::Direction::kDown) return true;
    }
  fail(Code::kInvalidArgument, info().name, ": it is not known whether more or less '", monitor,
       "' is better; set mode to 'min' or 'max'");
}

void MonitorCallback::say(const std::string& line) const {
  if (loop && loop->print) loop->print(line + "\n");
}

}  // namespace keratin
