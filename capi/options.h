// Data and options of the training loops, translated.
#pragma once

#include "capi/callback.h"
#include "training/prefetch.h"
#include "training/trainer.h"

namespace keratin::capi {

Dataset data_of(const kt_data* data, const char* name);
// {"0": 1.0}, or by output name; NULL for none.
ClassWeights class_weights_of(const char* json, const Model& model);

// Options with the callbacks they hold; what these own is held until they go.
struct FitCall {
  FitCall(const kt_fit_options* given, const Model& model);
  CallbackUses uses;
  FitOptions options;

 private:
  FitCall(const kt_fit_options& given, const Model& model);
};

struct EvaluateCall {
  explicit EvaluateCall(const kt_evaluate_options* given);
  CallbackUses uses;
  EvaluateOptions options;

 private:
  explicit EvaluateCall(const kt_evaluate_options& given);
};

struct PredictCall {
  explicit PredictCall(const kt_predict_options* given);
  CallbackUses uses;
  PredictOptions options;

 private:
  explicit PredictCall(const kt_predict_options& given);
};

// The caller's iterator.
class CallerSource : public BatchSource {
 public:
  explicit CallerSource(const kt_batch_source* source);
  bool next(Dataset& batch) override;
  void restart() override;
  const kt_batch_source& options() const { return source_; }

 private:
  kt_batch_source source_;
};

// The same, taken ahead of its use where the caller asks for that.
class SourceCall {
 public:
  explicit SourceCall(const kt_batch_source* source);
  BatchSource& batches() { return ahead_ ? static_cast<BatchSource&>(*ahead_) : caller_; }

 private:
  CallerSource caller_;
  std::optional<Prefetch> ahead_;
};

}  // namespace keratin::capi
