#include <limits>

#include "nn/layers/encode_categories.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/text.h"

namespace keratin {
namespace {

// Combinations of several features to bins, by a hash of all of them.
class HashedCrossing : public Layer {
 public:
  std::int64_t num_bins = 0;
  std::string output_mode = "int";
  bool sparse = false;

  HashedCrossing() { dtype = nullptr; }
  KERATIN_CLASS

  void configured() override {
    if (dtype.is_null()) dtype = output_mode == "int" ? "int64" : "float32";
    Layer::configured();
    if (sparse)
      fail(Code::kUnsupported, "layer '", name, "' (HashedCrossing): sparse is not supported");
  }

  std::pair<int, int> input_count() const override { return {2, std::numeric_limits<int>::max()}; }
  bool autocast() const override { return false; }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    std::vector<Value> features;
    for (const Value& x : inputs) {
      require(
          x.shape() == inputs[0].shape() && x.rank() <= 2 && (x.rank() < 2 || x.shape()[1] == 1),
          "expected features of one shape, [batch] or [batch, 1], got ", to_string(x.shape()));
      require(!is_floating(x.dtype()), "expected strings or integers, got ", name_of(x.dtype()));
      features.push_back(x.dtype() == DType::kString ? x : ops::cast(x, DType::kInt64));
    }
    return {encode_categories(ops::cross_hashed(features, num_bins), output_mode, num_bins,
                              dtype_named(policy_name(dtype)))};
  }
};

const ClassInfo& HashedCrossing::describe() {
  static const ClassInfo info = [] {
    using C = HashedCrossing;
    ClassInfo c = class_info<C>("layers", "HashedCrossing", "keras.layers",
                                "Sorts combinations of features into bins by their hash.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("num_bins", &C::num_bins, "Number of bins.").required().above(0),
         attribute<C>("output_mode", &C::output_mode, "What comes out.").one_of({"int", "one_hot"}),
         attribute<C>("sparse", &C::sparse, "Only false.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(HashedCrossing);

}  // namespace
}  // namespace keratin
