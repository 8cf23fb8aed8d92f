#include "nn/layers/encode_categories.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// Integers as one-hot, multi-hot or counts.
class CategoryEncoding : public Layer {
 public:
  std::int64_t num_tokens = 0;
  std::string output_mode = "multi_hot";
  bool sparse = false;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (output_mode == "binary") output_mode = "multi_hot";
    if (sparse)
      fail(Code::kUnsupported, "layer '", name,
           "' (CategoryEncoding): sparse outputs are not supported");
  }

  bool autocast() const override { return false; }

  std::vector<std::string_view> call_parameters() const override {
    return {"inputs", "count_weights"};
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const std::span<const Value> weights = context.arguments.find("count_weights");
    require(weights.empty() || output_mode == "count",
            "count_weights go with output_mode 'count' alone, not with '", output_mode, "'");
    return {encode_categories(ops::cast(inputs[0], DType::kInt32), output_mode, num_tokens,
                              compute_dtype(), weights.empty() ? Value{} : weights[0])};
  }
};

const ClassInfo& CategoryEncoding::describe() {
  static const ClassInfo info = [] {
    using C = CategoryEncoding;
    ClassInfo c = class_info<C>("layers", "CategoryEncoding", "keras.layers",
                                "Integers as one-hot, multi-hot or counts.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("num_tokens", &C::num_tokens, "Integers are below it.").required().above(0),
         attribute<C>("output_mode", &C::output_mode, "The form of the output.")
             .one_of({"multi_hot", "one_hot", "count", "binary"}),
         attribute<C>("sparse", &C::sparse, "Only false.").omitted_if_default()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CategoryEncoding);

}  // namespace
}  // namespace keratin
