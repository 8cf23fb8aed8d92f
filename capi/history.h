// What stands behind a kt_history.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "capi/border.h"
#include "training/history.h"

struct kt_history {
  keratin::History history;
  // The first value of each epoch, for each key: what is lent out.
  std::vector<std::pair<std::string, std::vector<double>>> firsts;
};

namespace keratin::capi {

kt_history* make_history(History history);

}  // namespace keratin::capi
