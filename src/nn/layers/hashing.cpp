#include "nn/layers/encode_categories.h"
#include "nn/layers/index_lookup.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// Strings or integers to bins by a hash of their text.
class Hashing : public Layer {
 public:
  std::int64_t num_bins = 0;
  Json mask_value, salt;
  std::string output_mode = "int";
  bool sparse = false;

  Hashing() { dtype = nullptr; }
  KERATIN_CLASS

  void configured() override {
    if (dtype.is_null()) dtype = output_mode == "int" ? "int64" : "float32";
    Layer::configured();
    const std::string prefix = concat("layer '", name, "' (Hashing): ");
    if (sparse) fail(Code::kUnsupported, prefix, "sparse is not supported");
    require(mask_value.is_null() || mask_value.is_string() || mask_value.is_number_integer(),
            prefix, "mask_value: expected a string or an integer, got ", mask_value.dump());
    const std::string policy = policy_name(dtype);
    require(output_mode != "int" || policy == "int64" || policy == "int32", prefix,
            "output_mode 'int' needs dtype int32 or int64, got ", policy);
    if (const auto key = hash_key(salt)) salt = {std::int64_t((*key)[0]), std::int64_t((*key)[1])};
  }

  bool autocast() const override { return false; }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    Value x = inputs[0];
    if (x.dtype() != DType::kString) x = ops::cast(x, DType::kInt64);
    ops::HashBins rule;
    rule.bins = num_bins;
    rule.hash.key = hash_key(salt);
    if (!mask_value.is_null()) {
      require(mask_value.is_string() == (x.dtype() == DType::kString), "mask_value ",
              mask_value.dump(), " does not fit an input of ", name_of(x.dtype()));
      if (mask_value.is_string())
        rule.text_mask = mask_value.get<std::string>();
      else
        rule.number_mask = mask_value.get<std::int64_t>();
    }
    return {encode_categories(ops::hash_bins(x, rule), output_mode, num_bins,
                              dtype_named(policy_name(dtype)))};
  }
};

const ClassInfo& Hashing::describe() {
  static const ClassInfo info = [] {
    using C = Hashing;
    ClassInfo c = class_info<C>("layers", "Hashing", "keras.layers",
                                "Sorts strings or integers into bins by their hash.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("num_bins", &C::num_bins, "Number of bins.").required().above(0),
         attribute<C>("mask_value", &C::mask_value, "What goes to bin 0; null: nothing does."),
         attribute<C>("salt", &C::salt, "One or two integers: SipHash; null: FarmHash."),
         attribute<C>("output_mode", &C::output_mode, "What comes out.")
             .one_of({"int", "one_hot", "multi_hot", "count"}),
         attribute<C>("sparse", &C::sparse, "Only false.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Hashing);

}  // namespace
}  // namespace keratin
