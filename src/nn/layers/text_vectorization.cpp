#include "core/registry.h"
#include "nn/layers/index_lookup.h"
#include "nn/layers/works_ahead.h"

namespace keratin {
namespace {

using ops::TextRules;

// Text to the indices of its words, or to how often each occurs. The vocabulary is that of a
// StringLookup inside it, whose mask token is the empty string.
class TextVectorization : public Layer, public WorksAhead {
 public:
  std::optional<std::int64_t> max_tokens, output_sequence_length, vocabulary_size;
  std::optional<std::string> standardize = "lower_and_strip_punctuation", split = "whitespace";
  Json ngrams, vocabulary;
  std::string output_mode = "int", encoding = "utf-8";
  bool pad_to_max_tokens = false, sparse = false, ragged = false;
  std::optional<Numbers> idf_weights;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    const std::string prefix = concat("layer '", name, "' (TextVectorization): ");
    if (sparse || ragged) fail(Code::kUnsupported, prefix, "sparse and ragged are not supported");
    if (output_mode == "binary") output_mode = "multi_hot";
    if (output_mode == "tf-idf") output_mode = "tf_idf";
    require(output_mode == "int" || !output_sequence_length, prefix,
            "output_sequence_length needs output_mode 'int', got '", output_mode, "'");
    rules_.lower = standardize && standardize->starts_with("lower");
    rules_.strip_punctuation = standardize && standardize->ends_with("strip_punctuation");
    rules_.split = !split                  ? TextRules::Split::kNone
                   : *split == "character" ? TextRules::Split::kCharacter
                                           : TextRules::Split::kWhitespace;
    read_ngrams(prefix);
    Json config{{"max_tokens", JsonTraits<decltype(max_tokens)>::write(max_tokens)},
                {"vocabulary", vocabulary},
                {"idf_weights", JsonTraits<decltype(idf_weights)>::write(idf_weights)},
                {"pad_to_max_tokens", pad_to_max_tokens},
                {"mask_token", ""},
                {"output_mode", output_mode},
                {"vocabulary_size", JsonTraits<decltype(max_tokens)>::write(vocabulary_size)},
                {"name", name + "_lookup"}};
    lookup_ = std::static_pointer_cast<IndexLookup>(create(kKind, "StringLookup", config));
    vocabulary_size = lookup_->vocabulary_size;
  }

  bool autocast() const override { return false; }
  std::vector<std::pair<std::string, LayerPtr>> children() const override {
    return {{"_lookup_layer", lookup_}};
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const ops::TokenIndex index = lookup_->token_index();
    if (output_mode == "int") {
      if (works_ahead() && inputs[0].dtype() == DType::kInt64) return {inputs[0]};
      return {
          ops::token_indices(inputs[0], rules_, index, output_sequence_length.value_or(kUnknown))};
    }
    if (output_mode == "one_hot")
      fail(Code::kUnsupported, "output_mode 'one_hot' would have no fixed width");
    const Value counts =
        ops::token_counts(inputs[0], rules_, index, lookup_->depth(), output_mode == "multi_hot");
    return {lookup_->weigh(context, counts)};
  }

  // Without a length, the longest of the batch has it.
  bool works_ahead() const override { return output_mode == "int" && !output_sequence_length; }
  Tensor work_ahead(const Tensor& data) const override {
    return ops::token_indices(data, rules_, lookup_->token_index());
  }

  void adapt(const Tensor& data) override {
    require(data.dtype() == DType::kString, "expected strings to adapt to, got ",
            name_of(data.dtype()));
    const std::int64_t rows = data.shape().at(0), width = rows ? data.size() / rows : 0;
    std::vector<std::vector<std::string>> documents;
    for (std::int64_t r = 0; r < rows; ++r)
      documents.push_back(rules_.tokens(data.data<String>() + r * width, width));
    lookup_->adapt_documents(documents);
    vocabulary_size = lookup_->vocabulary_size;
  }

  // Keras keeps these twice: for the layer and for the lookup inside it.
  std::vector<std::pair<std::string, VariablePtr>> named_state() const override {
    return lookup_->named_state();
  }
  std::map<std::string, std::string> assets() const override { return lookup_->assets(); }
  void load_assets(const std::map<std::string, std::string>& files) override {
    lookup_->load_assets(files);
    vocabulary_size = lookup_->vocabulary_size;
  }

 private:
  void read_ngrams(const std::string& prefix) {
    rules_.ngrams.clear();
    if (ngrams.is_number_integer())
      for (std::int64_t n = 1; n <= ngrams.get<std::int64_t>(); ++n) rules_.ngrams.push_back(n);
    else if (ngrams.is_array())
      rules_.ngrams = JsonTraits<std::vector<std::int64_t>>::read(ngrams);
    for (const std::int64_t n : rules_.ngrams)
      require(n >= 1 && n <= 64, prefix, "ngrams: expected 1 to 64 words, got ", n);
    require(ngrams.is_null() || !rules_.ngrams.empty(), prefix,
            "ngrams: expected an integer or a list of them, got ", ngrams.dump());
  }

  TextRules rules_;
  std::shared_ptr<IndexLookup> lookup_;
};

const ClassInfo& TextVectorization::describe() {
  static const ClassInfo info = [] {
    using C = TextVectorization;
    ClassInfo c = class_info<C>("layers", "TextVectorization", "keras.layers",
                                "Turns text into indices or counts of its words.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("max_tokens", &C::max_tokens, "Largest size; null: any.").above(1),
         attribute<C>("standardize", &C::standardize, "What is done to the text first.")
             .one_of({"lower_and_strip_punctuation", "lower", "strip_punctuation"}),
         attribute<C>("split", &C::split, "How it is cut; null: not at all.")
             .one_of({"whitespace", "character"}),
         attribute<C>("ngrams", &C::ngrams, "Up to how many words, or how many, make one token."),
         attribute<C>("output_mode", &C::output_mode, "What comes out.")
             .one_of({"int", "multi_hot", "count", "tf_idf", "one_hot", "binary", "tf-idf"}),
         attribute<C>("output_sequence_length", &C::output_sequence_length, "Width of mode int.")
             .above(0),
         attribute<C>("pad_to_max_tokens", &C::pad_to_max_tokens,
                      "Whether the output is max_tokens wide."),
         attribute<C>("sparse", &C::sparse, "Only false."),
         attribute<C>("ragged", &C::ragged, "Only false."),
         attribute<C>("vocabulary", &C::vocabulary, "Given tokens; null: learned."),
         attribute<C>("idf_weights", &C::idf_weights,
                      "Inverse document frequencies of the given vocabulary."),
         attribute<C>("encoding", &C::encoding, "Of the text; only utf-8.").one_of({"utf-8"}),
         attribute<C>("vocabulary_size", &C::vocabulary_size,
                      "Size with special tokens; found out.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TextVectorization);

}  // namespace
}  // namespace keratin
