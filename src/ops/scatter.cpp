#include "ops/scatter.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "graph/op.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/scan.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// Inputs: indices, like.
class RowPlacesOp : public Op {
 public:
  explicit RowPlacesOp(bool from_end) : from_end_(from_end) {}
  std::string_view name() const override { return "row_places"; }
  bool differentiable() const override { return false; }
  bool shape_only(int input) const override { return input == 1; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape &indices = in[0].shape, &like = in[1].shape;
    require(in[0].dtype == DType::kInt32 && !indices.empty() && indices.back() > 0 &&
                std::size_t(indices.back()) <= like.size(),
            "indices: expected int32 [..., 1 to ", like.size(), "] for shape ", to_string(like),
            ", got ", keratin::name_of(in[0].dtype), " ", to_string(indices));
    return {{DType::kInt32, Shape(indices.begin(), indices.end() - 1)}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const std::int64_t count = element_count(out[0].shape);
    const Shape extents(in[1].shape.begin(), in[1].shape.begin() + in[0].shape.back());
    return {[count, extents, from_end = from_end_](const Buffers& b) {
      const auto* index = b.input<std::int32_t>(0);
      for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t place = 0;
        for (const std::int64_t n : extents) {
          const std::int64_t at = *index + (from_end && *index < 0 ? n : 0);
          ++index;
          place = place < 0 || at < 0 || at >= n ? -1 : place * n + at;
        }
        b.output<std::int32_t>(0)[i] =
            place < 0 ? std::numeric_limits<std::int32_t>::min() : std::int32_t(place);
      }
    }};
  }

 private:
  bool from_end_;
};

// Multiplies into rows, or keeps the larger one. Inputs: x, places, updates.
class ScatterOp : public Op {
 public:
  explicit ScatterOp(bool multiplies) : multiplies_(multiplies) {}
  std::string_view name() const override {
    return multiplies_ ? "scatter_multiply" : "scatter_max";
  }
  bool may_overwrite(int input) const override { return input == 0; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype) && in[2].dtype == in[0].dtype &&
                in[1].dtype == DType::kInt32 && in[0].shape.size() == 2 &&
                in[1].shape.size() == 1 &&
                compatible({in[1].shape[0], in[0].shape[1]}, in[2].shape),
            name(), ": expected x [rows, n], int32 places [m] and updates [m, n], got shapes ",
            to_string(in[0].shape), ", ", to_string(in[1].shape), " and ", to_string(in[2].shape));
    return {in[0]};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0], places = node.inputs[1], updates = node.inputs[2];
    const Value d = d_out[0];
    const auto of_row = [&](Value rows) { return take_or_zero(rows, places, 0); };
    if (!multiplies_) {
      const Value out = Value{const_cast<Node*>(&node), 0};
      const Value wins_x = equal(x, out), wins = equal(updates, of_row(out));
      const Value share = d / maximum(scatter_add(wins_x, places, wins), 1.0);
      return {share * wins_x, Value{}, of_row(share) * wins};
    }
    // The product of the others: a factor of 0 is left out and counted.
    const Value zero_x = equal(x, 0.0), zero = equal(updates, 0.0);
    const Value one_x = where(zero_x, 1.0, x), one = where(zero, 1.0, updates);
    const Value all = scatter_multiply(one_x, places, one);
    const Value zeros = scatter_add(zero_x, places, zero);
    const auto others = [](Value all_, Value factor, Value zeros_, Value is_zero) {
      return where(equal(zeros_, is_zero), all_ / factor, 0.0);
    };
    return {d * others(all, one_x, zeros, zero_x), Value{},
            of_row(d) * others(of_row(all), one, of_row(zeros), zero)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in) : bind_as<float>(in);
  }

 private:
  template <class T>
  Kernel bind_as(std::span<const Spec> in) const {
    const std::int64_t rows = in[0].shape[0], n = in[0].shape[1], m = in[1].shape[0];
    return {[=, multiplies = multiplies_](const Buffers& b) {
      T* out = b.output<T>(0);
      if (out != b.input<T>(0)) std::copy_n(b.input<T>(0), rows * n, out);
      const T* update = b.input<T>(2);
      for (std::int64_t k = 0; k < m; ++k, update += n) {
        const std::int64_t place = b.input<std::int32_t>(1)[k];
        if (place < 0 || place >= rows) continue;
        T* row = out + place * n;
        for (std::int64_t i = 0; i < n; ++i)
          if (multiplies)
            row[i] *= update[i];
          else if (!(row[i] >= update[i]) && !std::isnan(row[i]))
            row[i] = update[i];
      }
    }};
  }

  bool multiplies_;
};

Value scatter(bool multiplies, Value x, Value places, Value updates) {
  return x.graph().apply(std::make_shared<ScatterOp>(multiplies), {x, places, updates})[0];
}

}  // namespace

Value row_places(Value indices, Value like, bool from_end) {
  return like.graph().apply(std::make_shared<RowPlacesOp>(from_end),
                            {cast(indices, DType::kInt32), like})[0];
}

Value scatter_add(Value x, Value places, Value updates) {
  return x + add_taken(updates, places, x, 0);
}
Value scatter_multiply(Value x, Value places, Value updates) {
  return scatter(true, x, places, updates);
}
Value scatter_max(Value x, Value places, Value updates) {
  return scatter(false, x, places, updates);
}
Value scatter_min(Value x, Value places, Value updates) {
  return -scatter(false, -x, places, -updates);
}

Value scatter_set(Value x, Value places, Value updates) {
  // Updates are numbered from 1; each row keeps the largest number that came to it.
  const Value number = expand_dims(cumsum(cast(ones_like(places), x.dtype()), 0), 1);
  const Value last = scatter_max(0.0 * zeros_like(slice(x, 1, 0, 1)), places, number);
  const Value stays = equal(take_or_zero(last, places, 0), number);
  return where(greater(last, 0.0), add_taken(where(stays, updates, 0.0), places, x, 0), x);
}

}  // namespace keratin::ops
