#include "capi/handles.h"
#include "capi/history.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

template <class Entries>
const auto& entry_of(const Entries& entries, const char* key, const char* where) {
  need(key, "key");
  std::string known;
  for (const auto& entry : entries) {
    if (entry.first == key) return entry.second;
    known += (known.empty() ? "" : ", ") + entry.first;
  }
  fail(Code::kNotFound, where, " have no '", key, "'; they have ", known);
}

}  // namespace

size_t kt_logs_count(const kt_logs* logs) {
  return look(logs, [](const kt_logs& l) { return l.logs.size(); });
}

const char* kt_logs_key(const kt_logs* logs, size_t index) {
  return look(logs, [&](const kt_logs& l) {
    return index < l.logs.size() ? l.logs[index].first.c_str() : nullptr;
  });
}

const double* kt_logs_values(const kt_logs* logs, size_t index, size_t* n_values) {
  if (n_values) *n_values = 0;
  if (!logs || index >= logs->logs.size()) return nullptr;
  const std::vector<double>& values = logs->logs[index].second;
  if (n_values) *n_values = values.size();
  return values.data();
}

kt_error* kt_logs_value(const kt_logs* logs, const char* key, double* value) {
  return give(value, "value", [&] {
    const std::vector<double>& values = entry_of(need(logs, "logs").logs, key, "the logs");
    return values.empty() ? 0.0 : values.front();
  });
}

void kt_logs_free(kt_logs* logs) { delete logs; }

kt_history* capi::make_history(History history) {
  auto handle = std::make_unique<kt_history>();
  for (const auto& [key, values] : history.values)
    handle->firsts.emplace_back(key, history.of(key));
  handle->history = std::move(history);
  return handle.release();
}

size_t kt_history_epoch_count(const kt_history* history) {
  return look(history, [](const kt_history& h) { return h.history.epochs.size(); });
}

const int64_t* kt_history_epochs(const kt_history* history) {
  return look(history, [](const kt_history& h) { return h.history.epochs.data(); });
}

size_t kt_history_key_count(const kt_history* history) {
  return look(history, [](const kt_history& h) { return h.firsts.size(); });
}

const char* kt_history_key(const kt_history* history, size_t index) {
  return look(history, [&](const kt_history& h) {
    return index < h.firsts.size() ? h.firsts[index].first.c_str() : nullptr;
  });
}

kt_error* kt_history_values(const kt_history* history, const char* key, const double** values,
                            size_t* n_values) {
  if (n_values) *n_values = 0;
  return give(values, "values", [&] {
    need(n_values, "n_values");
    const std::vector<double>& found =
        entry_of(need(history, "history").firsts, key, "the histories");
    *n_values = found.size();
    return found.data();
  });
}

kt_error* kt_history_json(const kt_history* history, char** json) {
  return give(json, "json", [&] {
    const History& h = need(history, "history").history;
    Json values = Json::object();
    for (const auto& [key, epochs] : h.values) {
      Json list = Json::array();
      for (const std::vector<double>& v : epochs)
        list.push_back(v.size() == 1 ? Json(v[0]) : Json(v));
      values[key] = std::move(list);
    }
    const Json json{{"epoch", h.epochs}, {"history", std::move(values)}};
    return make_string(json.dump());  // any parser reads it: null for what is not finite
  });
}

void kt_history_free(kt_history* history) { delete history; }
