#include "ops/affine.h"

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

class AffineOp : public Op {
 public:
  explicit AffineOp(kernels::AffineShape shape) : shape_(shape) {}
  std::string_view name() const override { return "affine_transform"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape& shape = in[0].shape;
    require(is_floating(in[0].dtype) && in[1].dtype == in[0].dtype,
            "affine_transform: expected images and maps of one floating dtype");
    require(shape.size() == 4 && in[1].shape.size() == 2 && in[1].shape[1] == 6,
            "affine_transform: expected images of rank 4 and maps [batch, 6], got shapes ",
            to_string(shape), " and ", to_string(in[1].shape));
    return {{in[0].dtype, {shape[0], shape_.out_height, shape_.out_width, shape[3]}}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    kernels::AffineShape s = shape_;
    s.batch = in[0].shape[0];
    s.height = in[0].shape[1];
    s.width = in[0].shape[2];
    s.channels = in[0].shape[3];
    if (in[0].dtype == DType::kFloat64)
      return {[s](const Buffers& b) {
        kernels::affine_transform(s, b.input<double>(0), b.input<double>(1), b.output<double>(0));
      }};
    return {[s](const Buffers& b) {
      kernels::affine_transform(s, b.input<float>(0), b.input<float>(1), b.output<float>(0));
    }};
  }

 private:
  kernels::AffineShape shape_;
};

class SampleOp : public Op {
 public:
  explicit SampleOp(kernels::AffineShape shape) : shape_(shape) {}
  std::string_view name() const override { return "sample"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape &x = in[0].shape, &places = in[1].shape;
    require(is_floating(in[0].dtype) && in[1].dtype == in[0].dtype && x.size() == 4 &&
                places.size() == 4 && places[3] == 2,
            "sample: expected images of rank 4 and places [batch, height, width, 2], got shapes ",
            to_string(x), " and ", to_string(places));
    return {{in[0].dtype, {x[0], places[1], places[2], x[3]}}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override;

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const kernels::AffineShape s = bound(in);
    if (in[0].dtype == DType::kFloat64)
      return {[s](const Buffers& b) {
        kernels::sample(s, b.input<double>(0), b.input<double>(1), b.output<double>(0));
      }};
    return {[s](const Buffers& b) {
      kernels::sample(s, b.input<float>(0), b.input<float>(1), b.output<float>(0));
    }};
  }

 protected:
  kernels::AffineShape bound(std::span<const Spec> in) const {
    const Shape &x = in[0].shape, &places = in[1].shape;
    require(x[0] == places[0], "sample: places for ", places[0], " images, got ", x[0], " images");
    return {x[0],        x[1],        x[2], x[3], places[1], places[2], shape_.bilinear,
            shape_.fill, shape_.value};
  }

 private:
  kernels::AffineShape shape_;
};

class SampleGradientOp : public SampleOp {
 public:
  using SampleOp::SampleOp;
  std::string_view name() const override { return "sample_gradient"; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override { return {in[0], in[1]}; }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const kernels::AffineShape s = bound(in);
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(s);
    return bind_as<float>(s);
  }

 private:
  template <class T>
  static Kernel bind_as(const kernels::AffineShape& s) {
    return {[s](const Buffers& b) {
      kernels::sample_gradient(s, b.input<T>(0), b.input<T>(1), b.input<T>(2), b.output<T>(0),
                               b.output<T>(1));
    }};
  }
};

std::vector<Value> SampleOp::gradient(const Node& node, std::span<const Value> d_out) const {
  return node.graph->apply(std::make_shared<SampleGradientOp>(shape_),
                           {node.inputs[0], node.inputs[1], d_out[0]});
}

}  // namespace

kernels::Fill fill_named(std::string_view name) {
  using kernels::Fill;
  if (name == "constant") return Fill::kConstant;
  if (name == "nearest") return Fill::kNearest;
  if (name == "wrap") return Fill::kWrap;
  if (name == "mirror") return Fill::kMirror;
  if (name == "reflect") return Fill::kReflect;
  fail(Code::kInvalidArgument,
       "expected fill_mode 'constant', 'nearest', 'wrap', 'mirror' or 'reflect', got '", name, "'");
}

Value sample(Value images, Value places, bool bilinear, kernels::Fill fill, double fill_value) {
  auto op = std::make_shared<SampleOp>(
      kernels::AffineShape{0, 0, 0, 0, 0, 0, bilinear, fill, fill_value});
  return images.graph().apply(std::move(op), {images, places})[0];
}

Value affine_transform(Value images, Value maps, std::int64_t out_height, std::int64_t out_width,
                       bool bilinear, kernels::Fill fill, double fill_value) {
  auto op = std::make_shared<AffineOp>(
      kernels::AffineShape{0, 0, 0, 0, out_height, out_width, bilinear, fill, fill_value});
  return images.graph().apply(std::move(op), {images, maps})[0];
}

}  // namespace keratin::ops
