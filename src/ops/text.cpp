#include "ops/text.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/error.h"
#include "graph/op.h"
#include "kernels/text_hash.h"

namespace keratin::ops {
namespace {

// A number's decimal digits, on the stack.
class Decimal {
 public:
  explicit Decimal(std::int64_t number)
      : end_(std::to_chars(digits_, digits_ + sizeof digits_, number).ptr) {}
  std::string_view view() const { return {digits_, std::size_t(end_ - digits_)}; }

 private:
  char digits_[24];
  char* end_;
};

// An op whose shapes are those of its input but for the last axes, and whose kernel is given.
class TextOp : public Op {
 public:
  using Bind = std::function<Kernel(std::span<const Spec> in)>;
  TextOp(std::string_view name, DType dtype, std::optional<std::int64_t> width, Bind bind)
      : name_(name), dtype_(dtype), width_(width), bind_(std::move(bind)) {}

  std::string_view name() const override { return name_; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Spec out{dtype_, in[0].shape};
    if (width_) out.shape = {in[0].shape.at(0), *width_};
    return {out};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override { return bind_(in); }

 private:
  std::string_view name_;
  DType dtype_;
  std::optional<std::int64_t> width_;
  Bind bind_;
};

Value apply(std::string_view name, const std::vector<Value>& inputs, DType dtype,
            std::optional<std::int64_t> width, TextOp::Bind bind) {
  return inputs[0].graph().apply(std::make_shared<TextOp>(name, dtype, width, std::move(bind)),
                                 inputs)[0];
}

// A kernel that maps each element: strings by fn(string_view), int64 by fn(int64_t).
template <class To, class Fn>
Kernel each_token(const Spec& in, const Fn& fn) {
  const std::int64_t n = element_count(in.shape);
  if (in.dtype == DType::kString)
    return {[=](const Buffers& b) {
      for (std::int64_t i = 0; i < n; ++i) b.output<To>(0)[i] = fn(b.input<String>(0)[i].view());
    }};
  return {[=](const Buffers& b) {
    for (std::int64_t i = 0; i < n; ++i) b.output<To>(0)[i] = fn(b.input<std::int64_t>(0)[i]);
  }};
}

Value as_tokens(Value x, const char* op) {
  require(x.dtype() == DType::kString || x.dtype() == DType::kInt64, op,
          ": expected strings or int64, got ", name_of(x.dtype()));
  return x;
}

void check_known(const std::shared_ptr<const Vocabulary>& vocabulary) {
  if (!vocabulary)
    fail(Code::kState, "the vocabulary of a layer is not known: give `vocabulary`, or adapt");
}

String as_string(const std::string& text) {
  return {text.data(), static_cast<std::int64_t>(text.size())};
}

template <class T>
std::int64_t oov_index(const TokenIndex& index, T token) {
  if (index.oov_count == 1) return index.oov_start;
  if constexpr (std::is_same_v<T, std::int64_t>) {
    if (index.oov_count == 0)
      fail(Code::kInvalidArgument, "the token ", token,
           " is not in the vocabulary, and num_oov_indices is 0");
    if (!index.hash_numbers) {
      const std::int64_t rest = token % index.oov_count;
      return index.oov_start + (rest < 0 ? rest + index.oov_count : rest);
    }
  } else if (index.oov_count == 0) {
    fail(Code::kInvalidArgument, "the token '", token,
         "' is not in the vocabulary, and num_oov_indices is 0");
  }
  return index.oov_start + index.hash.bucket(token, index.oov_count);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_punctuation(char c) {
  return std::string_view("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'").find(c) != std::string_view::npos;
}

// Bytes of the UTF-8 character that begins with this one.
std::size_t character_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

void split(const std::string& text, TextRules::Split how, std::vector<std::string>& words) {
  for (std::size_t i = 0; i < text.size();) {
    if (how == TextRules::Split::kCharacter) {
      const std::size_t size = character_size(static_cast<unsigned char>(text[i]));
      words.push_back(text.substr(i, size));
      i += size;
      continue;
    }
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !is_space(text[i])) ++i;
    words.push_back(text.substr(begin, i - begin));
  }
}

std::vector<std::string> join_ngrams(const std::vector<std::string>& words,
                                     const std::vector<std::int64_t>& widths) {
  std::vector<std::string> joined;
  for (const std::int64_t width : widths)
    for (std::size_t i = 0; i + std::size_t(width) <= words.size(); ++i) {
      std::string gram = words[i];
      for (std::size_t k = 1; k < std::size_t(width); ++k) gram += " " + words[i + k];
      joined.push_back(std::move(gram));
    }
  return joined;
}

std::pair<std::int64_t, std::int64_t> rows_of(const Spec& text) {
  const std::int64_t rows = text.shape.at(0);
  return {rows, product(text.shape, 1, text.shape.size())};
}

void check_text(const Spec& text, const TextRules& rules) {
  const std::size_t rank = text.shape.size();
  require(text.dtype == DType::kString && rank >= 1 && rank <= 2,
          "expected strings of shape [batch] or [batch, n], got ", name_of(text.dtype),
          " of shape ", to_string(text.shape));
  require(rules.split == TextRules::Split::kNone || rank == 1 || text.shape[1] == 1,
          "text to be split must have the shape [batch] or [batch, 1], got ",
          to_string(text.shape));
}

void write_indices(const std::vector<std::string>& tokens, const TokenIndex& index,
                   std::int64_t* out, std::int64_t length) {
  std::fill_n(out, length, 0);
  const auto n = std::min<std::int64_t>(length, std::int64_t(tokens.size()));
  for (std::int64_t i = 0; i < n; ++i) out[i] = index.of(tokens[std::size_t(i)]);
}

}  // namespace

std::int64_t TextHash::bucket(std::string_view text, std::int64_t buckets) const {
  const std::uint64_t hash = key ? kernels::sip_hash(*key, text) : kernels::fingerprint64(text);
  return static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(buckets));
}

std::int64_t TextHash::bucket(std::int64_t number, std::int64_t buckets) const {
  return bucket(Decimal(number).view(), buckets);
}

Vocabulary::Vocabulary(std::vector<std::string> text, std::int64_t first)
    : is_text_(true), first_(first), text_(std::move(text)) {
  for (std::size_t i = 0; i < text_.size(); ++i)
    text_index_.emplace(text_[i], first + static_cast<std::int64_t>(i));
}

Vocabulary::Vocabulary(std::vector<std::int64_t> numbers, std::int64_t first)
    : is_text_(false), first_(first), numbers_(std::move(numbers)) {
  for (std::size_t i = 0; i < numbers_.size(); ++i)
    number_index_.emplace(numbers_[i], first + static_cast<std::int64_t>(i));
}

std::optional<std::int64_t> Vocabulary::find(std::string_view token) const {
  const auto found = text_index_.find(token);
  return found == text_index_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int64_t> Vocabulary::find(std::int64_t token) const {
  const auto found = number_index_.find(token);
  return found == number_index_.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t TokenIndex::of(std::string_view token) const {
  if (text_mask && token == *text_mask) return masked;
  const auto found = vocabulary->find(token);
  return found ? *found : oov_index(*this, token);
}

std::int64_t TokenIndex::of(std::int64_t token) const {
  if (number_mask && token == *number_mask) return masked;
  const auto found = vocabulary->find(token);
  return found ? *found : oov_index(*this, token);
}

Value lookup_index(Value tokens, TokenIndex index) {
  as_tokens(tokens, "lookup");
  if (index.vocabulary)
    require(tokens.dtype() == index.vocabulary->dtype(), "expected tokens of ",
            name_of(index.vocabulary->dtype()), ", got ", name_of(tokens.dtype()));
  return apply("lookup_index", {tokens}, DType::kInt64, {},
               [index = std::move(index)](std::span<const Spec> in) {
                 check_known(index.vocabulary);
                 return each_token<std::int64_t>(in[0],
                                                 [index](auto token) { return index.of(token); });
               });
}

Value lookup_token(Value indices, TokenOf token) {
  require(indices.dtype() == DType::kInt64, "expected indices of int64, got ",
          name_of(indices.dtype()));
  const auto rule = std::make_shared<const TokenOf>(std::move(token));
  const DType dtype = rule->dtype;
  return apply("lookup_token", {indices}, dtype, {}, [rule, dtype](std::span<const Spec> in) {
    check_known(rule->vocabulary);
    const std::int64_t n = element_count(in[0].shape);
    return Kernel{[=](const Buffers& b) {
      const Vocabulary& v = *rule->vocabulary;
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t at = b.input<std::int64_t>(0)[i] - v.first();
        const bool known = at >= 0 && at < v.size();
        const bool masked = b.input<std::int64_t>(0)[i] == 0;
        if (dtype == DType::kString)
          b.output<String>(0)[i] = as_string(masked && rule->text_masked ? *rule->text_masked
                                             : known                     ? v.text()[std::size_t(at)]
                                                                         : rule->text_oov);
        else
          b.output<std::int64_t>(0)[i] = masked && rule->number_masked ? *rule->number_masked
                                         : known ? v.numbers()[std::size_t(at)]
                                                 : rule->number_oov;
      }
    }};
  });
}

Value hash_bins(Value tokens, HashBins rule) {
  as_tokens(tokens, "hash");
  return apply("hash_bins", {tokens}, DType::kInt64, {},
               [rule = std::move(rule)](std::span<const Spec> in) {
                 return each_token<std::int64_t>(in[0], [rule](auto token) -> std::int64_t {
                   bool masks = false, is_masked = false;
                   if constexpr (std::is_same_v<decltype(token), std::int64_t>) {
                     masks = rule.number_mask.has_value();
                     is_masked = masks && token == *rule.number_mask;
                   } else {
                     masks = rule.text_mask.has_value();
                     is_masked = masks && token == *rule.text_mask;
                   }
                   if (!masks || rule.bins == 1) return rule.hash.bucket(token, rule.bins);
                   return is_masked ? 0 : 1 + rule.hash.bucket(token, rule.bins - 1);
                 });
               });
}

Value cross_hashed(const std::vector<Value>& features, std::int64_t bins) {
  for (const Value& feature : features) as_tokens(feature, "cross");
  return apply("cross_hashed", features, DType::kInt64, {}, [bins](std::span<const Spec> in) {
    const std::int64_t n = element_count(in[0].shape);
    std::vector<DType> dtypes;
    for (const Spec& spec : in) dtypes.push_back(spec.dtype);
    return Kernel{[=](const Buffers& b) {
      for (std::int64_t i = 0; i < n; ++i) {
        std::uint64_t hash = 0xDECAFCAFFE;  // TensorFlow's default key
        for (std::size_t k = 0; k < dtypes.size(); ++k)
          hash = kernels::join_fingerprints(
              hash, dtypes[k] == DType::kString
                        ? kernels::fingerprint64(b.input<String>(int(k))[i].view())
                        : static_cast<std::uint64_t>(b.input<std::int64_t>(int(k))[i]));
        b.output<std::int64_t>(0)[i] =
            static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(bins));
      }
    }};
  });
}

std::vector<std::string> TextRules::tokens(const String* row, std::int64_t count) const {
  std::vector<std::string> words;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string text(row[i].view());
    if (lower)
      for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (strip_punctuation) std::erase_if(text, is_punctuation);
    if (split == Split::kNone)
      words.push_back(std::move(text));
    else
      ops::split(text, split, words);
  }
  return ngrams.empty() ? words : join_ngrams(words, ngrams);
}

Value token_indices(Value text, TextRules rules, TokenIndex index, std::int64_t length) {
  check_text(text.spec(), rules);
  return apply(
      "token_indices", {text}, DType::kInt64, length,
      [rules = std::move(rules), index = std::move(index), length](std::span<const Spec> in) {
        if (length == kUnknown)
          fail(Code::kUnsupported,
               "how many tokens there are rests on the data, which must come from an input that "
               "nothing else uses: give an output_sequence_length");
        const auto [rows, width] = rows_of(in[0]);
        return Kernel{[=, rows = rows, width = width](const Buffers& b) {
          for (std::int64_t r = 0; r < rows; ++r)
            write_indices(rules.tokens(b.input<String>(0) + r * width, width), index,
                          b.output<std::int64_t>(0) + r * length, length);
        }};
      });
}

Tensor token_indices(const Tensor& text, const TextRules& rules, const TokenIndex& index) {
  const Spec spec{text.dtype(), text.shape()};
  check_text(spec, rules);
  check_known(index.vocabulary);
  const auto [rows, width] = rows_of(spec);
  std::vector<std::vector<std::string>> tokens;
  std::size_t longest = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    tokens.push_back(rules.tokens(text.data<String>() + r * width, width));
    longest = std::max(longest, tokens.back().size());
  }
  const auto length = std::int64_t(longest);
  Tensor indices(DType::kInt64, {rows, length});
  for (std::int64_t r = 0; r < rows; ++r)
    write_indices(tokens[std::size_t(r)], index, indices.data<std::int64_t>() + r * length, length);
  return indices;
}

Value token_counts(Value text, TextRules rules, TokenIndex index, std::int64_t depth, bool binary) {
  check_text(text.spec(), rules);
  return apply(
      "token_counts", {text}, DType::kInt64, depth,
      [rules = std::move(rules), index = std::move(index), depth,
       binary](std::span<const Spec> in) {
        const auto [rows, width] = rows_of(in[0]);
        return Kernel{[=, rows = rows, width = width](const Buffers& b) {
          for (std::int64_t r = 0; r < rows; ++r) {
            std::int64_t* out = b.output<std::int64_t>(0) + r * depth;
            std::fill_n(out, depth, 0);
            for (const std::string& token : rules.tokens(b.input<String>(0) + r * width, width)) {
              const std::int64_t i = index.of(std::string_view(token));
              if (i >= 0 && i < depth) out[i] = binary ? 1 : out[i] + 1;
            }
          }
        }};
      });
}

}  // namespace keratin::ops
