#include "training/history.h"

#include <algorithm>

#include "core/error.h"

namespace keratin {

std::vector<double> History::of(const std::string& key) const {
  std::string known;
  for (const auto& [name, epochs_values] : values) {
    known += (known.empty() ? "" : ", ") + name;
    if (name != key) continue;
    std::vector<double> firsts;
    for (const std::vector<double>& v : epochs_values)
      firsts.push_back(v.empty() ? 0.0 : v.front());
    return firsts;
  }
  fail(Code::kNotFound, "the history has no '", key, "'; it has ", known);
}

const ClassInfo& HistoryCallback::describe() {
  static const ClassInfo info = class_info<HistoryCallback>(
      kKind, "History", "keras.callbacks", "Records the logs of each epoch; fit returns one.");
  return info;
}
KERATIN_REGISTER(HistoryCallback);

void HistoryCallback::on_train_begin() { history.epochs.clear(); }

void HistoryCallback::on_epoch_end(std::int64_t epoch, Logs& logs) {
  history.epochs.push_back(epoch);
  for (const auto& log : logs) {
    auto place = std::find_if(history.values.begin(), history.values.end(),
                              [&](const auto& entry) { return entry.first == log.first; });
    if (place == history.values.end()) place = history.values.insert(place, {log.first, {}});
    place->second.push_back(log.second);
  }
}

}  // namespace keratin
