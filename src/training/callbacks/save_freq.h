// When a callback saves: at the end of each epoch, or after each so many batches, counted on from
// one epoch to the next.
#pragma once

#include <cstdint>

#include "core/json.h"

namespace keratin {

class SaveFreq {
 public:
  // "epoch" or a number of batches; throws kInvalidArgument naming `owner`'s attribute.
  void configure(const char* owner, const Json& save_freq);
  bool by_batches() const { return every_ > 0; }
  void begin() { batches_ = 0; }
  // Called once for each batch: whether it is time.
  bool is_due_after_batch();

 private:
  std::int64_t every_ = 0, batches_ = 0;
};

}  // namespace keratin
