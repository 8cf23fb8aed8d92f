#include "training/callbacks/save_freq.h"

#include "core/error.h"

namespace keratin {

void SaveFreq::configure(const char* owner, const Json& save_freq) {
  require(save_freq == "epoch" || (save_freq.is_number_integer() && save_freq > 0), owner,
          ".save_freq: expected \"epoch\" or a number of batches, got ", save_freq.dump());
  every_ = save_freq.is_string() ? 0 : save_freq.get<std::int64_t>();
}

bool SaveFreq::is_due_after_batch() {
  if (every_ == 0 || ++batches_ < every_) return false;
  batches_ = 0;
  return true;
}

}  // namespace keratin
