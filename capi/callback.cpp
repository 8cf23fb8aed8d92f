#include "capi/callback.h"

#include "capi/handles.h"
#include "training/callbacks/lambda_callback.h"
#include "training/callbacks/text.h"

// Good during one call of a callback.
struct kt_loop {
  keratin::LoopState& state;
  keratin::Logs* epoch_logs;  // in epoch_end, else NULL
};

namespace keratin::capi {

CallbackUses::CallbackUses(kt_callback* const* callbacks, std::size_t count) {
  check_list(callbacks, count, "callbacks");
  try {
    for (std::size_t i = 0; i < count; ++i) {
      require(callbacks[i] != nullptr, "callbacks[", i, "] is NULL");
      const std::shared_ptr<UsedCallback> callback = callbacks[i]->used;
      used_.reserve(count);
      const std::lock_guard lock(callback->mutex);
      if (callback->uses > 0 && callback->user != std::this_thread::get_id())
        fail(Code::kState, "callbacks[", i, "] is in use by another thread");
      callback->user = std::this_thread::get_id();
      ++callback->uses;
      used_.push_back(callback);
    }
  } catch (...) {
    end();
    throw;
  }
}

CallbackUses::~CallbackUses() { end(); }

void CallbackUses::end() {
  for (const std::shared_ptr<UsedCallback>& callback : used_) {
    const std::lock_guard lock(callback->mutex);
    --callback->uses;
  }
}

std::vector<CallbackPtr> CallbackUses::callbacks() const {
  std::vector<CallbackPtr> all;
  for (const std::shared_ptr<UsedCallback>& used : used_) all.push_back(used->callback);
  return all;
}

namespace {

// The caller's context, released with the last reference.
struct Functions {
  kt_callback_functions f;
  explicit Functions(const kt_callback_functions& given) : f(given) {}
  Functions(const Functions&) = delete;
  ~Functions() {
    if (f.release) f.release(f.context);
  }
};

using FunctionsPtr = std::shared_ptr<const Functions>;

void call(const FunctionsPtr& functions, kt_on_event event, LoopState& state, std::int64_t index,
          const Logs* logs, Logs* epoch_logs = nullptr) {
  kt_loop loop{state, epoch_logs};
  kt_logs shown;
  if (logs) shown.logs = *logs;
  rethrow(event(functions->f.context, &loop, index, logs ? &shown : nullptr));
}

// One of each form of LambdaCallback's functions; empty for NULL.
LambdaCallback::OnBegin on_begin(const FunctionsPtr& functions, kt_on_event event) {
  if (!event) return {};
  return [=](LoopState& state) { call(functions, event, state, 0, nullptr); };
}

LambdaCallback::OnLogs on_logs(const FunctionsPtr& functions, kt_on_event event) {
  if (!event) return {};
  return [=](LoopState& state, const Logs& logs) { call(functions, event, state, 0, &logs); };
}

LambdaCallback::OnStep on_step(const FunctionsPtr& functions, kt_on_event event) {
  if (!event) return {};
  return
      [=](LoopState& state, std::int64_t index) { call(functions, event, state, index, nullptr); };
}

LambdaCallback::OnStepLogs on_step_logs(const FunctionsPtr& functions, kt_on_event event) {
  if (!event) return {};
  return [=](LoopState& state, std::int64_t index, const Logs& logs) {
    call(functions, event, state, index, &logs);
  };
}

CallbackPtr make_callback(const kt_callback_functions& f) {
  auto functions = std::make_shared<Functions>(f);
  functions->f.release = nullptr;  // after an error the context stays the caller's
  auto callback = std::make_shared<LambdaCallback>();
  callback->train_begin = on_begin(functions, f.train_begin);
  callback->train_end = on_logs(functions, f.train_end);
  callback->epoch_begin = on_step(functions, f.epoch_begin);
  if (f.epoch_end)
    callback->epoch_end = [functions, event = f.epoch_end](LoopState& state, std::int64_t epoch,
                                                           Logs& logs) {
      call(functions, event, state, epoch, &logs, &logs);
    };
  callback->train_batch_begin = on_step(functions, f.train_batch_begin);
  callback->train_batch_end = on_step_logs(functions, f.train_batch_end);
  callback->test_begin = on_begin(functions, f.test_begin);
  callback->test_end = on_logs(functions, f.test_end);
  callback->test_batch_begin = on_step(functions, f.test_batch_begin);
  callback->test_batch_end = on_step_logs(functions, f.test_batch_end);
  callback->predict_begin = on_begin(functions, f.predict_begin);
  callback->predict_end = on_begin(functions, f.predict_end);
  callback->predict_batch_begin = on_step(functions, f.predict_batch_begin);
  callback->predict_batch_end = on_step(functions, f.predict_batch_end);
  functions->f.release = f.release;
  return callback;
}

}  // namespace
}  // namespace keratin::capi

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_callback_create(const char* class_name, const char* config, kt_callback** callback) {
  return give(callback, "callback", [&] {
    const Json json = json_of(config, "config");
    auto handle = std::make_unique<kt_callback>();
    handle->used->callback = std::static_pointer_cast<Callback>(
        create("callbacks", &need(class_name, "class_name"), json));
    return handle.release();
  });
}

kt_error* kt_callback_from_functions(const kt_callback_functions* functions,
                                     kt_callback** callback) {
  return give(callback, "callback", [&] {
    const kt_callback_functions f =
        read_struct(&need(functions, "functions"), KT_CALLBACK_FUNCTIONS_INIT, "functions");
    auto handle = std::make_unique<kt_callback>();
    handle->used->callback = make_callback(f);
    return handle.release();
  });
}

void kt_callback_free(kt_callback* callback) { delete callback; }

kt_error* kt_loop_model(kt_loop* loop, kt_model** model) {
  return give(model, "model", [&] { return new kt_model{need(loop, "loop").state.model}; });
}

void kt_loop_stop_training(kt_loop* loop) {
  if (loop) loop->state.stop_training = true;
}

int64_t kt_loop_epochs(const kt_loop* loop) { return loop ? loop->state.epochs : 0; }

int64_t kt_loop_steps(const kt_loop* loop) { return loop ? loop->state.steps : 0; }

kt_error* kt_loop_set_log(kt_loop* loop, const char* key, double value) {
  return guard([&] {
    Logs* logs = need(loop, "loop").epoch_logs;
    need(key, "key");
    if (!logs) fail(Code::kState, "logs can be added to in epoch_end only");
    set_log(*logs, key, value);
  });
}
