#include "nn/layers/index_lookup.h"

namespace keratin {
namespace {

class IntegerLookup : public IndexLookup {
 public:
  std::string vocabulary_dtype = "int64";

  IntegerLookup() { oov_token = -1; }
  KERATIN_CLASS

 protected:
  bool is_text() const override { return false; }
};

const ClassInfo& IntegerLookup::describe() {
  static const ClassInfo info = [] {
    using C = IntegerLookup;
    ClassInfo c = class_info<C>("layers", "IntegerLookup", "keras.layers",
                                "Turns integers into indices of a vocabulary, or back.");
    c.attributes = base_attributes<C>();
    add_attributes<C>(c.attributes, "int?");
    c.attributes.push_back(
        attribute<C>("vocabulary_dtype", &C::vocabulary_dtype, "Of the tokens; only int64.")
            .one_of({"int64"}));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(IntegerLookup);

}  // namespace
}  // namespace keratin
