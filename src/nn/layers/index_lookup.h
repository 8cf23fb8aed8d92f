// The base of StringLookup and IntegerLookup: tokens to indices of a vocabulary, and back.
#pragma once

#include "nn/layers/layer.h"
#include "nn/numbers.h"
#include "ops/text.h"

namespace keratin {

// The vocabulary is given, learned by adapt(), or loaded. Indices begin with that of the mask token
// (mode "int" alone), then those of tokens that are not in the vocabulary.
class IndexLookup : public Layer {
 public:
  std::optional<std::int64_t> max_tokens;
  std::int64_t num_oov_indices = 1;
  Json mask_token, oov_token;
  Json vocabulary;  // null: learned
  std::optional<Numbers> idf_weights;
  bool invert = false, sparse = false, pad_to_max_tokens = false;
  std::string output_mode = "int";
  std::string oov_method = "floormod";
  Json salt;
  std::optional<std::int64_t> vocabulary_size;  // what the file says; kept with what is known

  void configured() override;
  bool autocast() const override { return false; }
  Json build_config() const override { return Json::object(); }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

  // [samples, ...] tokens. Throws kState where the vocabulary was given.
  void adapt(const Tensor& data) override;
  void adapt_documents(const std::vector<std::vector<std::string>>& documents);

  std::vector<std::pair<std::string, VariablePtr>> named_state() const override;
  std::map<std::string, std::string> assets() const override;
  void load_assets(const std::map<std::string, std::string>& files) override;

  // Number of indices in the output of all modes but "int".
  std::int64_t depth() const;
  ops::TokenIndex token_index() const;
  // Counts of each index, weighed as mode "tf_idf" asks; else as they are.
  Value weigh(CallContext& context, Value counts) const;

 protected:
  virtual bool is_text() const = 0;
  template <class C>
  static void add_attributes(std::vector<Attribute>& to, const char* token_type);

 private:
  using Tokens = std::vector<std::string>;  // integers as their digits

  std::int64_t oov_start() const { return !mask_token.is_null() && output_mode == "int" ? 1 : 0; }
  std::int64_t token_start() const { return oov_start() + num_oov_indices; }
  void set_tokens(Tokens tokens);  // special tokens at their start are dropped
  void set_idf(std::vector<double> weights);
  std::string text_of(const Json& token, const char* what) const;

  std::shared_ptr<const ops::Vocabulary> tokens_;
  VariablePtr idf_;
  bool special_given_ = false;  // whether the given vocabulary began with the special tokens
};

template <class C>
void IndexLookup::add_attributes(std::vector<Attribute>& to, const char* token_type) {
  const auto token = [&](Attribute a) {
    a.type = token_type;
    return a;
  };
  to.insert(
      to.end(),
      {attribute<C>("invert", &IndexLookup::invert, "Whether indices become tokens."),
       attribute<C>("max_tokens", &IndexLookup::max_tokens, "Largest size; null: any.").above(1),
       attribute<C>("num_oov_indices", &IndexLookup::num_oov_indices,
                    "Indices for tokens that are not in the vocabulary.")
           .at_least(0),
       token(attribute<C>("oov_token", &IndexLookup::oov_token,
                          "What an unknown index becomes with invert.")),
       token(attribute<C>("mask_token", &IndexLookup::mask_token,
                          "Stands for no token; null: none.")),
       attribute<C>("output_mode", &IndexLookup::output_mode, "What comes out.")
           .one_of({"int", "one_hot", "multi_hot", "count", "tf_idf", "binary", "tf-idf"}),
       attribute<C>("sparse", &IndexLookup::sparse, "Only false."),
       attribute<C>("pad_to_max_tokens", &IndexLookup::pad_to_max_tokens,
                    "Whether the output is max_tokens wide."),
       attribute<C>("idf_weights", &IndexLookup::idf_weights,
                    "Inverse document frequencies of the given vocabulary."),
       attribute<C>("vocabulary", &IndexLookup::vocabulary, "Given tokens; null: learned."),
       attribute<C>("vocabulary_size", &IndexLookup::vocabulary_size,
                    "Size with special tokens; found out."),
       attribute<C>("oov_method", &IndexLookup::oov_method,
                    "How integers are spread over several indices.")
           .one_of({"floormod", "farmhash"}),
       attribute<C>("salt", &IndexLookup::salt, "One or two integers: SipHash; null: FarmHash.")});
}

// [k, k] or k as a key; none for null. Throws kInvalidArgument.
std::optional<std::array<std::uint64_t, 2>> hash_key(const Json& salt);

}  // namespace keratin
