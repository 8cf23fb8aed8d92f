// Views: the same elements under another shape.
#include "core/error.h"
#include "graph/op.h"
#include "graph/rows.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

class ViewOp : public Op {
 public:
  bool is_view() const override { return true; }
  bool shape_only(int input) const override { return input == 1; }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return {reshape_like(d_out[0], node.inputs[0]), Value{}};
  }
  Kernel bind(std::span<const Spec>, std::span<const Spec>) const override { return {}; }
  bool by_row(const Node& node) const override {
    const auto row = [](const Shape& shape) {
      return element_count(Shape(shape.begin() + 1, shape.end()));
    };
    return has_rows(node.inputs[0]) && row(node.inputs[0].shape()) == row(node.outputs[0].shape);
  }

 protected:
  void check_count(const Shape& from, const Shape& to) const {
    require(!is_static(from) || !is_static(to) || element_count(from) == element_count(to), name(),
            ": a tensor of shape ", to_string(from), " cannot take shape ", to_string(to));
  }
};

class ReshapeOp : public ViewOp {
 public:
  explicit ReshapeOp(Shape shape) : shape_(std::move(shape)) {}
  std::string_view name() const override { return "reshape"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape& from = in[0].shape;
    Shape shape = shape_;
    std::size_t unknown = shape.size();
    std::int64_t known = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == kUnknown) {
        require(unknown == shape.size(), "reshape: shape ", to_string(shape),
                " has two unknown extents");
        unknown = i;
      } else {
        require(shape[i] >= 0, "reshape: shape ", to_string(shape), " has a negative extent");
        known *= shape[i];
      }
    }
    if (unknown < shape.size() && is_static(from)) {
      const std::int64_t all = element_count(from);
      require(known != 0 && all % known == 0, "reshape: a tensor of shape ", to_string(from),
              " cannot take shape ", to_string(shape));
      shape[unknown] = all / known;
    }
    check_count(from, shape);
    return {{in[0].dtype, std::move(shape)}};
  }

 private:
  Shape shape_;
};

class ReshapeLikeOp : public ViewOp {
 public:
  std::string_view name() const override { return "reshape_like"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    check_count(in[0].shape, in[1].shape);
    return {{in[0].dtype, in[1].shape}};
  }
};

// Puts in an axis of extent 1, or takes one out.
class AxisOp : public ViewOp {
 public:
  AxisOp(int axis, bool insert) : axis_(axis), insert_(insert) {}
  std::string_view name() const override { return insert_ ? "expand_dims" : "squeeze"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Spec out = in[0];
    const auto rank = static_cast<int>(out.shape.size()) + (insert_ ? 1 : 0);
    require(axis_ >= -rank && axis_ < rank, name(), ": axis ", axis_, " is out of range for shape ",
            to_string(out.shape));
    const auto place = out.shape.begin() + (axis_ < 0 ? axis_ + rank : axis_);
    if (insert_) {
      out.shape.insert(place, 1);
    } else {
      require(*place == 1 || *place == kUnknown, "squeeze: axis ", axis_, " of shape ",
              to_string(out.shape), " is not of extent 1");
      out.shape.erase(place);
    }
    return {out};
  }

 private:
  int axis_;
  bool insert_;
};

}  // namespace

Value reshape(Value x, Shape shape) {
  return x.graph().apply(std::make_shared<ReshapeOp>(std::move(shape)), {x})[0];
}
Value reshape_like(Value x, Value like) {
  if (x.shape() == like.shape()) return x;
  return x.graph().apply(std::make_shared<ReshapeLikeOp>(), {x, like})[0];
}
Value expand_dims(Value x, int axis) {
  return x.graph().apply(std::make_shared<AxisOp>(axis, true), {x})[0];
}
Value squeeze(Value x, int axis) {
  return x.graph().apply(std::make_shared<AxisOp>(axis, false), {x})[0];
}

}  // namespace keratin::ops
