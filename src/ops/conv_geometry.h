// What the convolutions of floats and of int8 share.
#pragma once

#include "graph/graph.h"
#include "kernels/conv_shape.h"
#include "ops/conv.h"

namespace keratin::ops {

// A convolution whose extents are all known but the batch.
struct ConvGeometry {
  kernels::ConvShape shape;
  std::size_t axes;

  Shape x(std::int64_t batch) const { return of(batch, shape.in, shape.channels_in); }
  Shape y(std::int64_t batch) const { return of(batch, shape.out, shape.channels_out); }
  Shape kernel() const {
    Shape k = of(0, shape.kernel, shape.group_in());
    k.erase(k.begin());
    k.push_back(shape.channels_out);
    return k;
  }
  kernels::ConvShape with_batch(std::int64_t batch) const {
    kernels::ConvShape s = shape;
    s.batch = batch;
    return s;
  }

 private:
  Shape of(std::int64_t batch, const kernels::ConvShape::Extents& extents,
           std::int64_t channels) const {
    Shape s{batch};
    s.insert(s.end(), extents.end() - std::ptrdiff_t(axes), extents.end());
    s.push_back(channels);
    return s;
  }
};

// That of conv(). Throws kInvalidArgument, beginning with the op's name, where operands do not fit.
ConvGeometry conv_geometry(const char* op, Value x, Value kernel,
                           const std::vector<std::int64_t>& strides,
                           const std::vector<std::int64_t>& dilation, Padding padding);
Value conv_input_gradient(Value d_y, Value kernel, const ConvGeometry& geometry);

}  // namespace keratin::ops
