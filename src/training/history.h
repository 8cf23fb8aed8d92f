// What fit gives back, and the callback that records it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "training/callback.h"

namespace keratin {

// For each key, in the order in which they appeared: one value (or several) an epoch.
struct History {
  std::vector<std::int64_t> epochs;
  std::vector<std::pair<std::string, std::vector<std::vector<double>>>> values;

  // The first value of each epoch; throws kNotFound naming the keys there are.
  std::vector<double> of(const std::string& key) const;
};

class HistoryCallback : public Callback {
 public:
  KERATIN_CLASS
  void on_train_begin() override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;

  History history;
};

}  // namespace keratin
