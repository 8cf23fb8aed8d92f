// Products of float32 inputs, made int8 on the way, with an int8 kernel, as Keras' int8 layers have
// them (kernels/int8_gemm.h). The gradient is that of the product with kernel / kernel_scale and
// reaches x alone, as in Keras.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "kernels/int8_gemm.h"
#include "ops/conv.h"

namespace keratin::ops {

// An int8 kernel: kernel_scale [n]; input_scale a scalar, 0 where each row has its own.
struct Int8Kernel {
  Value kernel, kernel_scale, input_scale;
  kernels::Int8Inputs inputs = {};
};

// x [..., k], kernel [k, n] -> [..., n].
Value quantized_matmul(Value x, const Int8Kernel& kernel);
// As conv(); input_scale 0 stands for that of the whole batch.
Value quantized_conv(Value x, const Int8Kernel& kernel, const std::vector<std::int64_t>& strides,
                     const std::vector<std::int64_t>& dilation, Padding padding);
// kernel / kernel_scale, which has the shape of kernel's last axes or broadcasts to it.
Value dequantized(Value kernel, Value kernel_scale);

}  // namespace keratin::ops
