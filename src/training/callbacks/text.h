// Numbers and names as callbacks write them: the way Python does, whose files people compare with.
#pragma once

#include <string>

#include "training/callback.h"

namespace keratin {

// The shortest text that reads back as the same double: "0.1", "1e-05", "3.0", "nan".
std::string number_text(double value);

// A path with {epoch:02d}, {val_loss:.2f}, {batch} ... filled in from the logs; {{ and }} stand for
// braces. Throws kInvalidArgument naming the keys there are.
std::string fill_in(const std::string& form, std::int64_t epoch, std::int64_t batch,
                    const Logs& logs);

// Replaces an entry, or adds it at the end.
void set_log(Logs& logs, const std::string& key, double value);

}  // namespace keratin
