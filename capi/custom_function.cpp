// Losses and metrics of the host program: each one function of targets and predictions.
#include "capi/custom.h"
#include "capi/scope.h"
#include "nn/losses/loss.h"
#include "nn/metrics/mean.h"
#include "ops/elementwise.h"

namespace keratin::capi {
namespace {

struct Definition {
  kt_custom_function f;
  const ClassInfo* info = nullptr;  // as registered
};

Value call(const Definition& definition, const Object& object, Value y_true, Value y_pred) {
  const kt_custom_function& f = definition.f;
  kt_scope scope(object);
  const Value operands[] = {y_true, y_pred};
  return compose(scope, operands, 1, [&](kt_symbolic* const* in, kt_symbolic** out) {
    return f.call(f.context, &scope, in[0], in[1], out);
  })[0];
}

class CustomLoss : public Loss, public CustomAttributes {
 public:
  CustomLoss() = default;
  explicit CustomLoss(std::shared_ptr<const Definition> definition)
      : definition_(std::move(definition)) {}
  const ClassInfo& info() const override { return *definition_->info; }
  Value call(Value y_true, Value y_pred) const override {
    return capi::call(*definition_, *this, y_true, y_pred);
  }

 private:
  std::shared_ptr<const Definition> definition_;
};

class CustomMetric : public MeanMetric, public CustomAttributes {
 public:
  CustomMetric() = default;
  explicit CustomMetric(std::shared_ptr<const Definition> definition)
      : definition_(std::move(definition)) {
    name = definition_->info->name;
  }
  const ClassInfo& info() const override { return *definition_->info; }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    // As a loss does before its call.
    const auto [t, p] = squeeze_or_expand_to_same_rank(ops::cast(y_true, DType::kFloat32),
                                                       ops::cast(y_pred, DType::kFloat32));
    return capi::call(*definition_, *this, t, p);
  }

 private:
  std::shared_ptr<const Definition> definition_;
};

template <class C>
void register_function(const kt_custom_function* function, const char* argument) {
  const kt_custom_function f =
      read_struct(&need(function, argument), KT_CUSTOM_FUNCTION_INIT, argument);
  require(f.name && *f.name, argument, "->name is NULL or empty");
  require(f.call != nullptr, argument, "->call is NULL");
  auto definition = std::make_shared<Definition>();
  definition->f = f;
  ClassInfo info = class_info<C>(C::kKind, f.name, "custom", text_of(f.doc));
  info.attributes = C::template base_attributes<C>();
  for (Attribute& a : custom_attributes<C>(declared_attributes(f.attributes))) {
    require(!info.find(a.name), argument, " '", f.name, "': every ", argument,
            " has an attribute '", a.name, "'");
    info.attributes.push_back(std::move(a));
  }
  info.registered_name = f.name;
  info.make = [definition]() -> std::shared_ptr<Object> { return std::make_shared<C>(definition); };
  definition->info = &add_class(std::move(info));
}

}  // namespace
}  // namespace keratin::capi

using namespace keratin::capi;

kt_error* kt_register_loss(const kt_custom_function* loss) {
  return guard([&] { register_function<CustomLoss>(loss, "loss"); });
}

kt_error* kt_register_metric(const kt_custom_function* metric) {
  return guard([&] { register_function<CustomMetric>(metric, "metric"); });
}
