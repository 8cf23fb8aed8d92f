// Ops on text and on integers that stand for text: what Keras' lookup and hashing layers compute.
// They have no gradients. Formulas are those of TensorFlow's string ops, which Keras calls.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// hash(text) % buckets: FarmHash's fingerprint, or SipHash with a key. Integers count as their
// decimal text.
struct TextHash {
  std::optional<std::array<std::uint64_t, 2>> key;

  std::int64_t bucket(std::string_view text, std::int64_t buckets) const;
  std::int64_t bucket(std::int64_t number, std::int64_t buckets) const;
};

// Tokens, all text or all integers, and what each is mapped to.
class Vocabulary {
 public:
  // Token i has the index first + i. `numbers` where there is no text.
  Vocabulary(std::vector<std::string> text, std::int64_t first);
  Vocabulary(std::vector<std::int64_t> numbers, std::int64_t first);
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  DType dtype() const { return is_text_ ? DType::kString : DType::kInt64; }
  std::int64_t size() const { return std::int64_t(is_text_ ? text_.size() : numbers_.size()); }
  std::int64_t first() const { return first_; }
  const std::vector<std::string>& text() const { return text_; }
  const std::vector<std::int64_t>& numbers() const { return numbers_; }
  std::optional<std::int64_t> find(std::string_view token) const;
  std::optional<std::int64_t> find(std::int64_t token) const;

 private:
  bool is_text_;
  std::int64_t first_;
  std::vector<std::string> text_;
  std::vector<std::int64_t> numbers_;
  std::unordered_map<std::string_view, std::int64_t> text_index_;
  std::unordered_map<std::int64_t, std::int64_t> number_index_;
};

// Tokens to indices. A token that is not known goes to one of `oov_count` indices from `oov_start`:
// by hash, or (integers, unless `hash_numbers`) by its remainder; with none it is an error of the
// run.
struct TokenIndex {
  std::shared_ptr<const Vocabulary> vocabulary;  // NULL: not known yet; an error of the plan
  std::int64_t oov_start = 0, oov_count = 1;
  bool hash_numbers = false;
  TextHash hash;
  std::optional<std::string> text_mask;  // this token goes to `masked`
  std::optional<std::int64_t> number_mask;
  std::int64_t masked = 0;

  std::int64_t of(std::string_view token) const;
  std::int64_t of(std::int64_t token) const;
};

// string or int64 -> int64, the same shape.
Value lookup_index(Value tokens, TokenIndex index);
// int64 -> string or int64: the tokens; `oov` for an index that has none. With `masked`, index 0 is
// that.
struct TokenOf {
  DType dtype = DType::kString;
  std::shared_ptr<const Vocabulary> vocabulary;  // NULL: as above
  std::string text_oov;
  std::int64_t number_oov = -1;
  std::optional<std::string> text_masked;
  std::optional<std::int64_t> number_masked;
};
Value lookup_token(Value indices, TokenOf token);

// string or integers -> int64 0 .. bins-1, the same shape. With a mask value, that goes to 0 and
// all else to 1 .. bins-1.
struct HashBins {
  std::int64_t bins = 1;
  TextHash hash;
  std::optional<std::string> text_mask;
  std::optional<std::int64_t> number_mask;
};
Value hash_bins(Value tokens, HashBins rule);
// One bin for each combination of features, which have one shape.
Value cross_hashed(const std::vector<Value>& features, std::int64_t bins);

// How text becomes tokens.
struct TextRules {
  enum class Split { kNone, kWhitespace, kCharacter };
  bool lower = true, strip_punctuation = true;
  Split split = Split::kWhitespace;
  std::vector<std::int64_t> ngrams;  // widths; empty: the words alone

  // Of a row of strings: one of them, unless split is kNone.
  std::vector<std::string> tokens(const String* row, std::int64_t count) const;
};
// [batch, n] strings -> [batch, length] int64: indices of the first tokens, then zeros. A length of
// kUnknown has a shape alone: for that of the longest row, there is no op, but the same of a
// tensor.
Value token_indices(Value text, TextRules rules, TokenIndex index, std::int64_t length);
Tensor token_indices(const Tensor& text, const TextRules& rules, const TokenIndex& index);
// [batch, n] strings -> [batch, depth] int64: how often each index occurs, or whether it does.
Value token_counts(Value text, TextRules rules, TokenIndex index, std::int64_t depth, bool binary);

}  // namespace keratin::ops
