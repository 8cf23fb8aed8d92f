#include "ops/recurrent.h"

#include "core/error.h"
#include "graph/op.h"
#include "graph/rows.h"

namespace keratin::ops {
namespace {

using kernels::RecurrentCell;
using kernels::RecurrentShape;

// What both ops know: which of the optional tensors there are.
struct Form {
  RecurrentShape shape;  // batch, time and units: of the inputs, once bound
  bool has_bias, has_mask;

  bool is_lstm() const { return shape.cell == RecurrentCell::kLstm; }
  RecurrentShape bound(const Shape& projected, const Shape& state) const {
    RecurrentShape s = shape;
    s.batch = projected[0];
    s.time = projected[1];
    s.units = state[1];
    return s;
  }
};

// Operands in order, of which some may be missing: NULL.
template <class P>
class Operands {
 public:
  explicit Operands(P const* all) : all_(all) {}
  template <class T>
  T* next(bool there = true) {
    return there ? static_cast<T*>(*all_++) : nullptr;
  }

 private:
  P const* all_;
};

// projected, kernel, h, [c], [bias], [mask], outputs, [kept], [cells], then of outputs, last h and
// last c the gradients that there are -> those of projected, kernel, h, [c], [bias].
class RecurrentGradientOp : public Op {
 public:
  RecurrentGradientOp(const Form& form, std::vector<bool> given)
      : form_(form), given_(std::move(given)) {}

  std::string_view name() const override { return "recurrent_gradient"; }
  bool differentiable() const override { return false; }
  bool shape_only(int input) const override { return input == 0; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const std::size_t count = std::size_t(3 + form_.is_lstm() + form_.has_bias);
    return {in.begin(), in.begin() + std::ptrdiff_t(count)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const RecurrentShape shape = form_.bound(in[0].shape, in[2].shape);
    const std::size_t scratch = kernels::recurrence_gradient_scratch(shape, in[0].dtype);
    if (in[0].dtype == DType::kFloat64) return {run<double>(shape), scratch};
    return {run<float>(shape), scratch};
  }

 private:
  template <class T>
  std::function<void(const Buffers&)> run(const RecurrentShape& shape) const {
    return [shape, form = form_, given = given_](const Buffers& b) {
      kernels::RecurrenceGradient<T> r{};
      Operands<const void*> in(b.in + 1);
      r.recurrent_kernel = in.next<const T>();
      r.h = in.next<const T>();
      r.c = in.next<const T>(form.is_lstm());
      in.next<const T>(form.has_bias);
      r.mask = in.next<const T>(form.has_mask);
      r.outputs = in.next<const T>();
      r.kept = in.next<const T>(shape.kept() > 0);
      r.cells = in.next<const T>(form.is_lstm());
      r.d_outputs = in.next<const T>(given[0]);
      r.d_last_h = in.next<const T>(given[1]);
      r.d_last_c = in.next<const T>(given[2]);
      Operands<void*> out(b.out);
      r.d_projected = out.next<T>();
      r.d_recurrent_kernel = out.next<T>();
      r.d_h = out.next<T>();
      r.d_c = out.next<T>(form.is_lstm());
      r.d_recurrent_bias = out.next<T>(form.has_bias);
      kernels::recurrence_gradient(shape, r, b.scratch);
    };
  }

  Form form_;
  std::vector<bool> given_;
};

// projected, kernel, h, [c], [bias], [mask] -> outputs, last h, [last c], and with `keep` [kept],
// [cells].
class RecurrentOp : public Op {
 public:
  RecurrentOp(const Form& form, bool keep) : form_(form), keep_(keep) {}

  std::string_view name() const override { return "recurrent"; }

  bool by_row(const Node& node) const override {
    return has_rows(node.inputs[0]) && has_rows(node.inputs[2]);
  }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape& x = in[0].shape;
    const DType dtype = in[0].dtype;
    require(is_floating(dtype) && x.size() == 3 && in[2].shape.size() == 2,
            "recurrent: expected a projection [batch, time, gates * units] and states [batch, "
            "units] of float32 or float64, got shapes ",
            to_string(x), " and ", to_string(in[2].shape));
    const std::int64_t batch = x[0], time = x[1], units = in[2].shape[1];
    const std::int64_t width = form_.shape.gates() * units;
    const auto check = [&](std::size_t i, const Shape& wanted) {
      require(in[i].dtype == dtype && compatible(in[i].shape, wanted),
              "recurrent: expected operand ", i, " of shape ", to_string(wanted), ", got ",
              to_string(in[i].shape), " of ", keratin::name_of(in[i].dtype));
    };
    std::size_t i = 0;
    check(i++, {batch, time, width});
    check(i++, {units, width});
    check(i++, {batch, units});
    if (form_.is_lstm()) check(i++, {batch, units});
    if (form_.has_bias) check(i++, {width});
    if (form_.has_mask) check(i++, {batch, time});
    std::vector<Spec> out{{dtype, {batch, time, units}}, {dtype, {batch, units}}};
    if (form_.is_lstm()) out.push_back({dtype, {batch, units}});
    if (!keep_) return out;
    if (const std::int64_t kept = form_.shape.kept(); kept > 0)
      out.push_back({dtype, {batch, time, kept * units}});
    if (form_.is_lstm()) out.push_back({dtype, {batch, time, units}});
    return out;
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    std::vector<Value> in = node.inputs;
    Node* kept = const_cast<Node*>(&node);
    if (!keep_)
      kept = node.graph->apply(std::make_shared<RecurrentOp>(form_, true), node.inputs)[0].node;
    in.push_back({kept, 0});
    const int first_kept = form_.is_lstm() ? 3 : 2;
    for (int i = first_kept; i < int(kept->outputs.size()); ++i) in.push_back({kept, i});
    std::vector<bool> given(3, false);
    for (int i = 0; i < first_kept; ++i)
      if (d_out[std::size_t(i)]) {
        given[std::size_t(i)] = true;
        in.push_back(d_out[std::size_t(i)]);
      }
    std::vector<Value> d_in = node.graph->apply(
        std::make_shared<RecurrentGradientOp>(form_, std::move(given)), std::move(in));
    if (form_.has_mask) d_in.push_back({});
    return d_in;
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const RecurrentShape shape = form_.bound(in[0].shape, in[2].shape);
    const std::size_t scratch = kernels::recurrence_scratch(shape, in[0].dtype, keep_);
    if (in[0].dtype == DType::kFloat64) return {run<double>(shape), scratch};
    return {run<float>(shape), scratch};
  }

 private:
  template <class T>
  std::function<void(const Buffers&)> run(const RecurrentShape& shape) const {
    return [shape, form = form_, keep = keep_](const Buffers& b) {
      kernels::Recurrence<T> r{};
      Operands<const void*> in(b.in);
      r.projected = in.next<const T>();
      r.recurrent_kernel = in.next<const T>();
      r.h = in.next<const T>();
      r.c = in.next<const T>(form.is_lstm());
      r.recurrent_bias = in.next<const T>(form.has_bias);
      r.mask = in.next<const T>(form.has_mask);
      Operands<void*> out(b.out);
      r.outputs = out.next<T>();
      r.last_h = out.next<T>();
      r.last_c = out.next<T>(form.is_lstm());
      r.kept = out.next<T>(keep && shape.kept() > 0);
      r.cells = out.next<T>(keep && form.is_lstm());
      kernels::recurrence(shape, r, b.scratch);
    };
  }

  Form form_;
  bool keep_;
};

}  // namespace

RecurrentOutputs recurrent(const RecurrentInputs& inputs, const RecurrentShape& form, bool keep) {
  const bool is_lstm = form.cell == RecurrentCell::kLstm;
  RecurrentShape shape = form;
  shape.precision = inputs.projected.graph().precision;
  std::vector<Value> in{inputs.projected, inputs.recurrent_kernel, inputs.h};
  if (is_lstm) in.push_back(inputs.c);
  if (inputs.recurrent_bias) in.push_back(inputs.recurrent_bias);
  if (inputs.mask) in.push_back(inputs.mask);
  const std::vector<Value> out = inputs.projected.graph().apply(
      std::make_shared<RecurrentOp>(Form{shape, bool(inputs.recurrent_bias), bool(inputs.mask)},
                                    keep),
      std::move(in));
  return {out[0], out[1], is_lstm ? out[2] : Value{}};
}

}  // namespace keratin::ops
