#include "ops/view.h"

#include "core/error.h"
#include "graph/op.h"
#include "graph/rows.h"

namespace keratin::ops {
namespace {

class DtypeViewOp : public Op {
 public:
  explicit DtypeViewOp(DType dtype) : dtype_(dtype) {}
  std::string_view name() const override { return "view"; }
  bool differentiable() const override { return false; }
  bool is_view() const override { return true; }
  bool by_row(const Node& node) const override { return has_rows(node.inputs[0]); }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Spec out{dtype_, in[0].shape};
    const auto from = std::int64_t(size_of(in[0].dtype)), to = std::int64_t(size_of(dtype_));
    if (from == to) return {out};
    const bool even =
        !out.shape.empty() && out.shape.back() != kUnknown && out.shape.back() * from % to == 0;
    require(even, "view: ", keratin::name_of(in[0].dtype), " of shape ", to_string(out.shape),
            " cannot be seen as ", keratin::name_of(dtype_));
    out.shape.back() = out.shape.back() * from / to;
    return {out};
  }
  Kernel bind(std::span<const Spec>, std::span<const Spec>) const override { return {}; }

 private:
  DType dtype_;
};

}  // namespace

Value view(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  require(x.dtype() != DType::kString && dtype != DType::kString, "view: strings have no bytes");
  return x.graph().apply(std::make_shared<DtypeViewOp>(dtype), {x})[0];
}

}  // namespace keratin::ops
