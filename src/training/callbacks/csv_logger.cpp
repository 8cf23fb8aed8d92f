#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "training/callbacks/text.h"

namespace keratin {

class CSVLogger : public Callback {
 public:
  KERATIN_CLASS
  std::string filename;
  std::string separator = ",";
  bool append = false;

  void configured() override {
    require(separator.size() == 1, "CSVLogger.separator: expected one character, got '", separator,
            "'");
  }

  void on_train_begin() override {
    header_ = true;
    if (append) {
      std::ifstream before(filename);
      header_ = !before || before.peek() == std::ifstream::traits_type::eof();
    }
    file_.close();
    file_.clear();
    file_.open(filename, std::ios::binary | (append ? std::ios::app : std::ios::trunc));
    check("opened");
    keys_.clear();
  }

  void on_epoch_end(std::int64_t epoch, Logs& logs) override {
    if (keys_.empty()) choose_keys(logs);
    file_ << epoch;
    for (const std::string& key : keys_) {
      const auto found = std::find_if(logs.begin(), logs.end(),
                                      [&](const auto& entry) { return entry.first == key; });
      file_ << separator << quoted(found == logs.end() ? "NA" : text(found->second));
    }
    file_ << "\r\n";
    file_.flush();
    check("written");
  }

  void on_train_end(const Logs&) override { file_.close(); }

 private:
  // Of the first epoch; without validation in it, columns are kept for that of later ones.
  void choose_keys(const Logs& logs) {
    for (const auto& [key, values] : logs) keys_.push_back(key);
    std::sort(keys_.begin(), keys_.end());
    const std::vector<std::string> plain = keys_;
    if (std::none_of(plain.begin(), plain.end(),
                     [](const std::string& key) { return key.starts_with("val_"); }))
      for (const std::string& key : plain) keys_.push_back("val_" + key);
    if (!header_) return;
    file_ << "epoch";
    for (const std::string& key : keys_) file_ << separator << quoted(key);
    file_ << "\r\n";
  }

  static std::string text(const std::vector<double>& values) {
    if (values.size() == 1) return number_text(values[0]);
    std::string list;
    for (const double value : values) list += (list.empty() ? "" : ", ") + number_text(value);
    return "\"[" + list + "]\"";
  }

  std::string quoted(const std::string& field) const {
    if (field.find_first_of("\"\r\n" + separator) == std::string::npos) return field;
    std::string result = "\"";
    for (const char c : field) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
  }

  void check(const char* what) const {
    if (!file_) fail(Code::kIo, "CSVLogger: the file '", filename, "' cannot be ", what);
  }

  std::ofstream file_;
  std::vector<std::string> keys_;
  bool header_ = true;
};

const ClassInfo& CSVLogger::describe() {
  static const ClassInfo info = [] {
    using C = CSVLogger;
    ClassInfo c = class_info<C>(kKind, "CSVLogger", "keras.callbacks",
                                "Writes the logs of each epoch to a CSV file.");
    c.attributes = {
        attribute<C>("filename", &C::filename, "Name of the file.").required(),
        attribute<C>("separator", &C::separator, "Between the columns; one character."),
        attribute<C>("append", &C::append, "Whether an existing file goes on."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CSVLogger);

}  // namespace keratin
