#include "nn/layers/index_lookup.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "nn/layers/encode_categories.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

std::int64_t number_of(const std::string& text) {
  try {
    std::size_t used = 0;
    const std::int64_t number = std::stoll(text, &used);
    if (used == text.size()) return number;
  } catch (const std::exception&) {
  }
  fail(Code::kInvalidArgument, "expected an integer as a token, got '", text, "'");
}

}  // namespace

std::optional<std::array<std::uint64_t, 2>> hash_key(const Json& salt) {
  if (salt.is_null()) return {};
  const auto part = [](const Json& json) {
    return static_cast<std::uint64_t>(json.get<std::int64_t>());
  };
  if (salt.is_number_integer()) return {{part(salt), part(salt)}};
  require(salt.is_array() && salt.size() == 2 && salt[0].is_number_integer() &&
              salt[1].is_number_integer(),
          "salt: expected one or two integers, got ", salt.dump());
  return {{part(salt[0]), part(salt[1])}};
}

void IndexLookup::configured() {
  Layer::configured();
  const std::string prefix = concat("layer '", name, "' (", info().name, "): ");
  if (output_mode == "binary") output_mode = "multi_hot";
  if (output_mode == "tf-idf") output_mode = "tf_idf";
  if (sparse) fail(Code::kUnsupported, prefix, "sparse is not supported");
  require(!pad_to_max_tokens || max_tokens, prefix, "pad_to_max_tokens needs max_tokens");
  require(!invert || output_mode == "int", prefix, "invert needs output_mode 'int', got '",
          output_mode, "'");
  require(!idf_weights || output_mode == "tf_idf", prefix,
          "idf_weights need output_mode 'tf_idf', got '", output_mode, "'");
  if (!salt.is_null()) {
    const auto key = hash_key(salt);
    require(is_text() || oov_method == "farmhash", prefix,
            "salt needs oov_method 'farmhash', got '", oov_method, "'");
    salt = {std::int64_t((*key)[0]), std::int64_t((*key)[1])};
  }
  if (vocabulary.is_string())
    fail(Code::kUnsupported, prefix, "a vocabulary is given as a list, not as the file '",
         vocabulary.get<std::string>(), "'");
  if (vocabulary.is_null()) return;
  require(vocabulary.is_array() && !vocabulary.empty(), prefix,
          "vocabulary: expected a list of tokens, got ", vocabulary.dump());
  Tokens tokens;
  for (const Json& token : vocabulary) tokens.push_back(text_of(token, "vocabulary"));
  set_tokens(std::move(tokens));
  if (output_mode != "tf_idf") return;
  require(idf_weights.has_value(), prefix,
          "output_mode 'tf_idf' needs idf_weights beside vocabulary");
  const Tensor given = idf_weights->tensor(DType::kFloat64);
  require(given.shape() == Shape{std::int64_t(vocabulary.size())}, prefix,
          "idf_weights: expected one for each of ", vocabulary.size(), " tokens, got shape ",
          to_string(given.shape()));
  std::vector<double> weights(given.span<double>().begin(), given.span<double>().end());
  if (!special_given_) {
    const double mean =
        std::accumulate(weights.begin(), weights.end(), 0.0) / double(weights.size());
    weights.insert(weights.begin(), std::size_t(token_start()), mean);
  }
  set_idf(std::move(weights));
}

std::string IndexLookup::text_of(const Json& token, const char* what) const {
  if (is_text() && token.is_string()) return token.get<std::string>();
  require(!is_text() && token.is_number_integer(), "layer '", name, "' (", info().name, "): ", what,
          ": expected ", is_text() ? "text" : "an integer", ", got ", token.dump());
  return std::to_string(token.get<std::int64_t>());
}

void IndexLookup::set_tokens(Tokens tokens) {
  const std::string prefix = concat("layer '", name, "' (", info().name, "): vocabulary: ");
  Tokens special;
  if (oov_start()) special.push_back(text_of(mask_token, "mask_token"));
  if (!oov_token.is_null())
    special.insert(special.end(), std::size_t(num_oov_indices), text_of(oov_token, "oov_token"));
  special_given_ = std::int64_t(special.size()) == token_start() &&
                   tokens.size() >= special.size() &&
                   std::equal(special.begin(), special.end(), tokens.begin());
  if (special_given_) tokens.erase(tokens.begin(), tokens.begin() + token_start());
  std::set<std::string_view> seen;
  for (const std::string& token : tokens)
    require(seen.insert(token).second, prefix, "the token '", token, "' stands there twice");
  if (!mask_token.is_null())
    require(!seen.contains(text_of(mask_token, "mask_token")), prefix,
            "the mask token stands among the others");
  const std::int64_t size = token_start() + std::int64_t(tokens.size());
  require(!max_tokens || size <= *max_tokens, prefix, "expected at most ", max_tokens.value_or(0),
          " tokens with the special ones, got ", size);
  if (is_text()) {
    tokens_ = std::make_shared<const ops::Vocabulary>(std::move(tokens), token_start());
  } else {
    std::vector<std::int64_t> numbers;
    for (const std::string& token : tokens) numbers.push_back(number_of(token));
    tokens_ = std::make_shared<const ops::Vocabulary>(std::move(numbers), token_start());
  }
  vocabulary_size = size;
}

void IndexLookup::set_idf(std::vector<double> weights) {
  weights.resize(std::size_t(depth()), 0.0);
  idf_ = std::make_shared<Variable>(
      "idf_weights", Tensor::of<double>({depth()}, weights).as(DType::kFloat32), false);
  idf_->path = name + "/idf_weights";
}

std::int64_t IndexLookup::depth() const {
  if (pad_to_max_tokens) return *max_tokens;
  if (!vocabulary_size)
    fail(Code::kState, "the vocabulary is not known: give `vocabulary`, or adapt");
  return *vocabulary_size;
}

ops::TokenIndex IndexLookup::token_index() const {
  ops::TokenIndex index;
  index.vocabulary = tokens_;
  index.oov_start = oov_start();
  index.oov_count = num_oov_indices;
  index.hash_numbers = oov_method == "farmhash";
  index.hash.key = hash_key(salt);
  if (!mask_token.is_null()) {
    const std::string mask = text_of(mask_token, "mask_token");
    if (is_text())
      index.text_mask = mask;
    else
      index.number_mask = number_of(mask);
    index.masked = output_mode == "int" ? 0 : -1;
  }
  return index;
}

Value IndexLookup::weigh(CallContext& context, Value counts) const {
  if (output_mode != "tf_idf") return counts;
  if (!idf_) return ops::cast(counts, DType::kFloat32);  // the vocabulary is not loaded yet
  return ops::cast(counts, DType::kFloat32) * context.graph.variable(idf_);
}

std::vector<Value> IndexLookup::call(CallContext& context, std::span<const Value> inputs) {
  Value x = inputs[0];
  if (x.dtype() != DType::kString && (invert || !is_text())) x = ops::cast(x, DType::kInt64);
  const ops::TokenIndex index = token_index();
  if (invert) {
    ops::TokenOf token;
    token.dtype = is_text() ? DType::kString : DType::kInt64;
    token.vocabulary = tokens_;
    if (is_text()) {
      token.text_oov = text_of(oov_token, "oov_token");
      token.text_masked = index.text_mask;
    } else {
      token.number_oov = number_of(text_of(oov_token, "oov_token"));
      token.number_masked = index.number_mask;
    }
    return {ops::lookup_token(x, std::move(token))};
  }
  const Value indices = ops::lookup_index(x, index);
  const std::string mode = output_mode == "tf_idf" ? "count" : output_mode;
  return {
      weigh(context, encode_categories(indices, mode, mode == "int" ? 0 : depth(), DType::kInt64))};
}

void IndexLookup::adapt(const Tensor& data) {
  const std::int64_t rows = data.shape().at(0), width = rows ? data.size() / rows : 0;
  const Tensor tokens = is_text() ? data : data.as(DType::kInt64);
  require(tokens.dtype() == DType::kString || !is_text(), "expected strings to adapt to, got ",
          name_of(tokens.dtype()));
  std::vector<Tokens> documents(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < tokens.size(); ++i)
    documents[std::size_t(i / width)].push_back(
        is_text() ? std::string(tokens.data<String>()[i].view())
                  : std::to_string(tokens.data<std::int64_t>()[i]));
  adapt_documents(documents);
}

void IndexLookup::adapt_documents(const std::vector<Tokens>& documents) {
  if (!vocabulary.is_null())
    fail(Code::kState, "layer '", name, "' (", info().name, "): the vocabulary is given");
  struct Count {
    std::int64_t all = 0, documents = 0;
  };
  std::map<std::string, Count> counts;
  for (const Tokens& document : documents) {
    for (const std::string& token : document) ++counts[token].all;
    for (const std::string& token : std::set<std::string>(document.begin(), document.end()))
      ++counts[token].documents;
  }
  for (const Json* special : {&mask_token, &oov_token})
    if (!special->is_null()) counts.erase(text_of(*special, "special token"));

  std::vector<std::pair<std::string, Count>> sorted(counts.begin(), counts.end());
  const bool text = is_text();
  std::sort(sorted.begin(), sorted.end(), [text](const auto& a, const auto& b) {
    if (a.second.all != b.second.all) return a.second.all > b.second.all;
    return text ? a.first > b.first : number_of(a.first) > number_of(b.first);
  });
  if (max_tokens)
    sorted.resize(std::min(sorted.size(),
                           std::size_t(std::max<std::int64_t>(0, *max_tokens - token_start()))));
  Tokens tokens;
  std::vector<double> weights;
  for (const auto& [token, count] : sorted) {
    tokens.push_back(token);
    weights.push_back(std::log(1 + double(documents.size()) / double(1 + count.documents)));
  }
  set_tokens(std::move(tokens));
  if (output_mode != "tf_idf") return;
  const double mean = weights.empty() ? 0
                                      : std::accumulate(weights.begin(), weights.end(), 0.0) /
                                            double(weights.size());
  weights.insert(weights.begin(), std::size_t(token_start()), mean);
  set_idf(std::move(weights));
}

std::vector<std::pair<std::string, VariablePtr>> IndexLookup::named_state() const {
  if (!idf_) return {};
  return {{"idf_weights", idf_}};
}

std::map<std::string, std::string> IndexLookup::assets() const {
  if (!vocabulary.is_null() || !tokens_) return {};
  Tokens all;
  if (oov_start()) all.push_back(text_of(mask_token, "mask_token"));
  all.insert(all.end(), std::size_t(num_oov_indices),
             oov_token.is_null() ? "" : text_of(oov_token, "oov_token"));
  for (std::int64_t i = 0; i < tokens_->size(); ++i)
    all.push_back(is_text() ? tokens_->text()[std::size_t(i)]
                            : std::to_string(tokens_->numbers()[std::size_t(i)]));
  std::string lines;
  for (std::size_t i = 0; i < all.size(); ++i) lines += (i ? "\n" : "") + all[i];
  return {{"vocabulary.txt", lines}};
}

void IndexLookup::load_assets(const std::map<std::string, std::string>& files) {
  const auto found = files.find("vocabulary.txt");
  if (found == files.end() || !vocabulary.is_null()) return;
  Tokens lines(1);
  for (const char c : found->second)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  // A last line that is empty is a token only where the size says so.
  const std::size_t size = std::size_t(std::max<std::int64_t>(0, vocabulary_size.value_or(0)));
  while (!lines.empty() && lines.back().empty() && lines.size() > size) lines.pop_back();
  set_tokens(std::move(lines));
  if (output_mode == "tf_idf") set_idf({});
}

}  // namespace keratin
