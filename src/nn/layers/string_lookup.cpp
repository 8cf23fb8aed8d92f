#include "nn/layers/index_lookup.h"

namespace keratin {
namespace {

class StringLookup : public IndexLookup {
 public:
  std::string encoding = "utf-8";

  StringLookup() { oov_token = "[UNK]"; }
  KERATIN_CLASS

 protected:
  bool is_text() const override { return true; }
};

const ClassInfo& StringLookup::describe() {
  static const ClassInfo info = [] {
    using C = StringLookup;
    ClassInfo c = class_info<C>("layers", "StringLookup", "keras.layers",
                                "Turns strings into indices of a vocabulary, or back.");
    c.attributes = base_attributes<C>();
    add_attributes<C>(c.attributes, "string?");
    c.attributes.push_back(
        attribute<C>("encoding", &C::encoding, "Of the strings; only utf-8.").one_of({"utf-8"}));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(StringLookup);

}  // namespace
}  // namespace keratin
