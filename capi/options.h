// Data and options of the training loops, translated.
#pragma once

#include "capi/callback.h"
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

 private:
  kt_batch_source source_;
};

}  // namespace keratin::capi
