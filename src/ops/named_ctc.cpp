// Functions of connectionist temporal classification.
#include "core/error.h"
#include "ops/ctc.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/sort.h"

namespace keratin::ops {
namespace {

Value as_integers(Value x) { return cast(x, DType::kInt32); }

Values loss(const OpCall& call) {
  return {ctc_loss(as_integers(call.value(0)), call.floating(1), as_integers(call.value(2)),
                   as_integers(call.value(3)), call.integer("mask_index"))};
}

// The likeliest class of each time, repetitions once, without blanks.
Values greedy(Value logits, Value lengths, std::int64_t blank, bool merge) {
  const std::int64_t time = known_extent(logits, 1);
  Tensor steps(DType::kFloat64, {1, time});
  for (std::int64_t t = 0; t < time; ++t) steps.data<double>()[t] = double(t);
  const Value step = logits.graph().constant(steps.as(logits.dtype()));
  const Value over = greater_equal(step, expand_dims(cast(lengths, logits.dtype()), 1));
  const Value best = where(over, double(blank), cast(argmax(logits, 2), logits.dtype()));
  Value is_label = 1.0 - equal(best, double(blank));
  if (merge && time > 1) {
    const Value change = not_equal(slice(best, 1, 1, time), slice(best, 1, 0, time - 1));
    is_label = is_label * concatenate({ones_like(slice(best, 1, 0, 1)), change}, 1);
  }
  const Value order = argsort(where(is_label, step + zeros_like(best), double(time)), 1);
  const Value labels = take_along_axis(where(is_label, best, -1.0), order, 1);
  const Value score = -sum(where(over, 0.0, max(logits, {2})), {1}, true);
  return {expand_dims(as_integers(labels), 0), score};
}

Values decoded(const OpCall& call) {
  const Value logits = call.floating(0), lengths = as_integers(call.value(1));
  require(logits.rank() == 3 && lengths.rank() == 1,
          "expected inputs [batch, time, classes] and sequence_lengths [batch], got shapes ",
          to_string(logits.shape()), " and ", to_string(lengths.shape()));
  const std::int64_t blank =
      call.is_null("mask_index") ? known_extent(logits, 2) - 1 : call.integer("mask_index");
  const std::string strategy = call.text("strategy");
  if (strategy == "greedy") return greedy(logits, lengths, blank, call.flag("merge_repeated"));
  require(strategy == "beam_search", "strategy: expected 'greedy' or 'beam_search', got '",
          strategy, "'");
  const auto [paths, scores] = ctc_beam_search(logits, lengths, call.integer("beam_width"),
                                               call.integer("top_paths"), blank);
  return {paths, scores};
}

constexpr OpRow kRows[] = {
    {"ctc_loss", "nn.CTCLoss", "target, output, target_length, output_length; mask_index: int = 0",
     "-log of the probability of labels in their order, at whatever times.", loss},
    {"ctc_decode", "nn.CTCDecode",
     "inputs, sequence_lengths; strategy: string = \"greedy\"; beam_width: int = 100; top_paths: "
     "int = 1; merge_repeated: bool = true; mask_index: int? = 0",
     "The likeliest labels, -1 after the last, and their scores.", decoded},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
