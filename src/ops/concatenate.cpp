// Joining tensors along an axis, and taking a part along one.
#include <cstring>

#include "core/error.h"
#include "graph/op.h"
#include "graph/rows.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// Copies `rows` runs of `bytes`, `from_stride` and `to_stride` bytes apart.
void copy_runs(const char* from, std::size_t from_stride, char* to, std::size_t to_stride,
               std::size_t bytes, std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i, from += from_stride, to += to_stride)
    std::memcpy(to, from, bytes);
}

// A tensor seen about an axis: `rows` runs, of `bytes` for each unit of the axis.
struct About {
  std::int64_t rows;
  std::size_t bytes;
  About(const Spec& spec, std::size_t axis)
      : rows(product(spec.shape, 0, axis)),
        bytes(static_cast<std::size_t>(product(spec.shape, axis + 1, spec.shape.size())) *
              size_of(spec.dtype)) {}
};

class ConcatenateOp : public Op {
 public:
  explicit ConcatenateOp(int axis) : axis_(axis) {}
  std::string_view name() const override { return "concatenate"; }

  bool by_row(const Node& node) const override {
    const bool along_batch = axis_ == 0 || axis_ == -int(node.outputs[0].shape.size());
    return !along_batch && std::all_of(node.inputs.begin(), node.inputs.end(), has_rows);
  }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(!in.empty(), "concatenate: expected at least one tensor");
    Spec out = in[0];
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, out.shape.size()));
    for (const Spec& spec : in.subspan(1)) {
      require(spec.dtype == out.dtype, "concatenate: tensors must have one dtype, got ",
              keratin::name_of(out.dtype), " and ", keratin::name_of(spec.dtype));
      bool good = spec.shape.size() == out.shape.size();
      for (std::size_t i = 0; good && i < out.shape.size(); ++i) {
        std::int64_t& extent = out.shape[i];
        if (i == axis) {
          extent =
              extent == kUnknown || spec.shape[i] == kUnknown ? kUnknown : extent + spec.shape[i];
        } else if (extent == kUnknown) {
          extent = spec.shape[i];
        } else {
          good = spec.shape[i] == extent || spec.shape[i] == kUnknown;
        }
      }
      require(good, "concatenate: shapes ", to_string(in[0].shape), " and ", to_string(spec.shape),
              " differ elsewhere than at axis ", axis_);
    }
    return {out};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, node.inputs[0].rank()));
    std::vector<Value> d_in;
    std::int64_t begin = 0;
    for (const Value& input : node.inputs) {
      const std::int64_t extent = input.shape()[axis];
      if (extent == kUnknown || begin == kUnknown)
        fail(Code::kUnsupported, "concatenate: no gradient along an axis of unknown extent");
      d_in.push_back(slice(d_out[0], static_cast<int>(axis), begin, begin + extent));
      begin += extent;
    }
    return d_in;
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, out[0].shape.size()));
    const About whole(out[0], axis);
    std::vector<std::size_t> widths;
    for (const Spec& spec : in)
      widths.push_back(static_cast<std::size_t>(spec.shape[axis]) * whole.bytes);
    const std::size_t all = static_cast<std::size_t>(out[0].shape[axis]) * whole.bytes;
    return {[rows = whole.rows, widths = std::move(widths), all](const Buffers& b) {
      char* to = b.output<char>(0);
      for (std::size_t i = 0; i < widths.size(); to += widths[i++])
        copy_runs(static_cast<const char*>(b.in[i]), widths[i], to, all, widths[i], rows);
    }};
  }

 private:
  int axis_;
};

class SliceOp : public Op {
 public:
  SliceOp(int axis, std::int64_t begin, std::int64_t end) : axis_(axis), begin_(begin), end_(end) {}
  std::string_view name() const override { return "slice"; }

  bool by_row(const Node& node) const override {
    return axis_ != 0 && axis_ != -int(node.outputs[0].shape.size());
  }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Spec out = in[0];
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, out.shape.size()));
    std::int64_t& extent = out.shape[axis];
    require(begin_ >= 0 && begin_ <= end_ && (extent == kUnknown || end_ <= extent),
            "slice: ", begin_, " to ", end_, " along axis ", axis_, " of shape ",
            to_string(in[0].shape));
    extent = end_ - begin_;
    return {out};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return {slice_into_zeros_like(d_out[0], node.inputs[0], axis_, begin_)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, in[0].shape.size()));
    const About about(in[0], axis);
    const std::size_t stride = static_cast<std::size_t>(in[0].shape[axis]) * about.bytes;
    const std::size_t offset = static_cast<std::size_t>(begin_) * about.bytes;
    const std::size_t width = static_cast<std::size_t>(end_ - begin_) * about.bytes;
    return {[=](const Buffers& b) {
      copy_runs(b.input<char>(0) + offset, stride, b.output<char>(0), width, width, about.rows);
    }};
  }

 private:
  int axis_;
  std::int64_t begin_, end_;
};

class SliceIntoZerosOp : public Op {
 public:
  SliceIntoZerosOp(int axis, std::int64_t begin) : axis_(axis), begin_(begin) {}
  std::string_view name() const override { return "slice_into_zeros_like"; }
  bool shape_only(int input) const override { return input == 1; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape &part = in[0].shape, &whole = in[1].shape;
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, whole.size()));
    bool good = part.size() == whole.size() && begin_ >= 0;
    if (good && part[axis] != kUnknown && whole[axis] != kUnknown)
      good = begin_ + part[axis] <= whole[axis];
    if (good) {
      Shape rest = part;
      rest[axis] = whole[axis];
      good = compatible(rest, whole);
    }
    require(good, "slice_into_zeros_like: shape ", to_string(part), " does not fit into ",
            to_string(whole), " from ", begin_, " along axis ", axis_);
    return {{in[0].dtype, whole}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value part = node.inputs[0];
    const std::int64_t extent =
        part.shape()[static_cast<std::size_t>(normalize_axis(axis_, part.rank()))];
    if (extent == kUnknown)
      fail(Code::kUnsupported,
           "slice_into_zeros_like: no gradient along an axis of unknown extent");
    return {slice(d_out[0], axis_, begin_, begin_ + extent), Value{}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, out[0].shape.size()));
    const About about(out[0], axis);
    const std::size_t stride = static_cast<std::size_t>(out[0].shape[axis]) * about.bytes;
    const std::size_t offset = static_cast<std::size_t>(begin_) * about.bytes;
    const std::size_t width = static_cast<std::size_t>(in[0].shape[axis]) * about.bytes;
    return {[=](const Buffers& b) {
      std::memset(b.out[0], 0, static_cast<std::size_t>(about.rows) * stride);
      copy_runs(b.input<char>(0), width, b.output<char>(0) + offset, stride, width, about.rows);
    }};
  }

 private:
  int axis_;
  std::int64_t begin_;
};

}  // namespace

Value concatenate(const std::vector<Value>& values, int axis) {
  require(!values.empty(), "concatenate: expected at least one tensor");
  if (values.size() == 1) return values[0];
  return values[0].graph().apply(std::make_shared<ConcatenateOp>(axis), values)[0];
}
Value slice(Value x, int axis, std::int64_t begin, std::int64_t end) {
  return x.graph().apply(std::make_shared<SliceOp>(axis, begin, end), {x})[0];
}
Value slice_into_zeros_like(Value x, Value like, int axis, std::int64_t begin) {
  return x.graph().apply(std::make_shared<SliceIntoZerosOp>(axis, begin), {x, like})[0];
}

}  // namespace keratin::ops
