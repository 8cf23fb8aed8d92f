#include "training/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace keratin {
namespace {

constexpr int kBarWidth = 20;

template <class... Args>
std::string format(const char* form, Args... args) {
  char text[64];
  std::snprintf(text, sizeof text, form, args...);
  return text;
}

std::string repeat(const char* piece, std::int64_t count) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) text += piece;
  return text;
}

std::string number(double value, bool by_magnitude) {
  if (std::isnan(value)) return "nan";
  const double size = by_magnitude ? std::abs(value) : value;
  return format(size > 1e-3 ? "%.4f" : "%.4e", value);
}

// " - loss: 0.3"; several numbers show as their mean.
std::string metrics(const Logs& logs, bool by_magnitude) {
  std::string text;
  for (const auto& [key, values] : logs) {
    double sum = 0;
    for (const double value : values) sum += value;
    text +=
        " - " + key + ": " + number(values.empty() ? 0 : sum / double(values.size()), by_magnitude);
  }
  return text;
}

std::string per_step(double seconds) {
  if (seconds >= 1 || seconds == 0) return format(" %.0fs/step", seconds);
  if (seconds >= 1e-3) return format(" %.0fms/step", seconds * 1e3);
  return format(" %.0fus/step", seconds * 1e6);
}

std::string remaining(double seconds) {
  const auto s = static_cast<long>(seconds);
  if (seconds > 3600) return format("%ld:%02ld:%02ld", s / 3600, s % 3600 / 60, s % 60);
  if (seconds > 60) return format("%ld:%02ld", s / 60, s % 60);
  return format("%lds", s);
}

std::string counted(std::int64_t current, std::int64_t target) {
  const std::string whole = std::to_string(target), part = std::to_string(current);
  return std::string(whole.size() - std::min(whole.size(), part.size()), ' ') + part + "/" + whole;
}

// Columns of the text on a terminal: escape sequences take none, a character of several bytes one.
std::size_t columns(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++count;
    }
  }
  return count;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string Progbar::update(std::int64_t current, const Logs& logs, bool final, double now) {
  for (const auto& log : logs) {
    const auto& [key, values] = log;
    const auto place = std::find_if(shown_.begin(), shown_.end(),
                                    [&](const auto& entry) { return entry.first == log.first; });
    if (place == shown_.end())
      shown_.emplace_back(key, values);
    else
      place->second = values;
  }

  // The first step is slower than the others (plans are made): with more than one it does not
  // count.
  double seconds_a_step = 0;
  if (current > 0)
    seconds_a_step = after_first_step_ && current > 1
                         ? (now - *after_first_step_) / double(current - 1)
                         : (now - start_) / double(current);
  if (current == 1) after_first_step_ = now;

  if (verbose_ == 1) {
    if (!final && last_update_ && now - *last_update_ < kInterval) return {};
    last_update_ = now;
    return bar(current, logs, final, now, seconds_a_step);
  }
  if (verbose_ == 2 && final && target_ > 0)
    return counted(current, target_) + format(" - %.0fs", now - start_) + " -" +
           per_step(seconds_a_step) + metrics(shown_, false) + "\n";
  return {};
}

std::string Progbar::bar(std::int64_t current, const Logs&, bool final, double now,
                         double seconds_a_step) {
  std::string line;
  if (target_ > 0) {
    const auto filled = std::min<std::int64_t>(
        kBarWidth, static_cast<std::int64_t>(kBarWidth * (double(current) / double(target_))));
    line = "\x1b[1m" + counted(current, target_) + "\x1b[0m ";
    if (filled > 0) line += "\x1b[32m" + repeat("━", filled) + "\x1b[0m";
    line += "\x1b[37m" + repeat("━", kBarWidth - filled) + "\x1b[0m";
  } else {
    line = format("%7lld/Unknown", static_cast<long long>(current));
  }
  const bool estimate = target_ > 0 && !final;
  line += " \x1b[1m" +
          (estimate ? remaining(seconds_a_step * double(target_ - current))
                    : format("%.0fs", now - start_)) +
          "\x1b[0m" + per_step(seconds_a_step) + metrics(shown_, true);

  // Back over the old bar; what it was longer by is wiped out.
  const std::size_t width = columns(line);
  std::string text = std::string(width_, '\b') + "\r" + line;
  if (width_ > width) text += std::string(width_ - width, ' ');
  if (final) text += "\n";
  width_ = width;
  return text;
}

const ClassInfo& ProgbarLogger::describe() {
  static const ClassInfo info =
      class_info<ProgbarLogger>(kKind, "ProgbarLogger", "keras.callbacks",
                                "Shows progress and metrics; fit adds one where verbose is not 0.");
  return info;
}
KERATIN_REGISTER(ProgbarLogger);

void ProgbarLogger::print(const std::string& text) const {
  if (loop && loop->print && !text.empty()) loop->print(text);
}

void ProgbarLogger::on_train_begin() {
  in_fit_ = true;
  target_ = 0;
}

void ProgbarLogger::begin() {
  if (target_ == 0 || !in_fit_) target_ = loop ? loop->steps : 0;
  seen_ = next_ = 0;
  stride_ = 1;
  last_heard_ = now();
  bar_.emplace(target_, loop ? loop->verbose : 0, last_heard_);
}

void ProgbarLogger::on_epoch_begin(std::int64_t epoch) {
  begin();
  if (loop && loop->verbose && loop->epochs > 1)
    print("Epoch " + std::to_string(epoch + 1) + "/" + std::to_string(loop->epochs) + "\n");
}

void ProgbarLogger::on_epoch_end(std::int64_t, Logs& logs) { end(logs); }

void ProgbarLogger::on_test_begin() {
  validating_ = in_fit_;
  if (!in_fit_) begin();
}

void ProgbarLogger::on_test_end(const Logs& logs) {
  if (!in_fit_) end(logs);
  validating_ = false;
}

// The clock is read at most some times an interval: after each reading, the number of steps to the
// next is chosen by how long the last ones took.
void ProgbarLogger::heard(std::int64_t step, const Logs& logs) {
  if (validating_ || !bar_) return;
  const double time = now();
  const double quarter = Progbar::kInterval / 4, passed = time - last_heard_;
  if (step > 0 && passed < quarter) stride_ = std::min<std::int64_t>(stride_ * 2, 1 << 20);
  if (passed > 2 * quarter) stride_ = std::max<std::int64_t>(stride_ / 2, 1);
  last_heard_ = time;
  seen_ = step + 1;
  next_ = step + stride_;
  if (loop && loop->verbose == 1) print(bar_->update(seen_, logs, false, time));
}

void ProgbarLogger::end(const Logs& logs) {
  if (!bar_) return;
  if (target_ == 0) {
    target_ = seen_;
    bar_->set_target(target_);
  }
  print(bar_->update(target_, logs, true, now()));
}

std::int64_t ProgbarLogger::next_batch(std::int64_t step) const {
  if (validating_ || !loop || !loop->verbose) return kNever;
  // Without a known number of steps each is counted.
  if (target_ == 0) return step;
  return loop->verbose == 1 ? std::max(step, next_) : kNever;
}

}  // namespace keratin
