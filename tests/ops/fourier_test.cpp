// Fourier transforms by Keras' names: bad input, and what Keras cannot save.
#include <cmath>

#include "graph/rows.h"
#include "named_testing.h"
#include "op_testing.h"
#include "ops/named.h"

namespace keratin::ops {
namespace {

Json frames(int length, int stride, int n) {
  return {{"sequence_length", length}, {"sequence_stride", stride}, {"fft_length", n}};
}
Json with(Json json, const char* name, const Json& value) {
  json[name] = value;
  return json;
}

TEST(Fourier, BadInputIsNamed) {
  const Spec x{DType::kFloat32, {2, 8}}, short_x{DType::kFloat32, {2, 7}};
  const Spec integers{DType::kInt32, {2, 8}}, unknown{DType::kFloat32, {kUnknown}};
  for (const char* name : {"fft", "fft2", "ifft2", "irfft"}) {
    expect_bad(name, {x}, {}, "expected real and imaginary parts, got 1 tensors");
    expect_bad(name, {x, integers}, {}, "floating real and imaginary parts, got int32");
  }
  expect_bad("fft", {x, short_x}, {}, "alike, got float32 (2, 8) and float32 (2, 7)");
  expect_bad("fft2", {{DType::kFloat32, {8}}, {DType::kFloat32, {8}}}, {}, "got shape (8,)");
  expect_bad("fft", {unknown, unknown}, {}, "must be known");
  expect_bad("rfft", {x}, {{"fft_length", 0}}, "fft_length: expected at least 1, got 0");
  expect_bad("irfft", {x, x}, {{"fft_length", -3}}, "fft_length: expected at least 1, got -3");
  expect_bad("stft", {integers}, frames(4, 2, 4), "expected float32 or float64, got int32");
  expect_bad("stft", {x}, frames(6, 2, 4), "sequence_length of 1 to fft_length, 4, got 6");
  expect_bad("stft", {x}, frames(4, 0, 4), "sequence_stride of at least 1, got 4 and 0");
  expect_bad("stft", {x}, with(frames(4, 2, 4), "window", "blackman"), "'hann', 'hamming'");
  expect_bad("stft", {x}, with(frames(4, 2, 4), "window", {1, 2}), "a window of 4 numbers");
  expect_bad("istft", {x, x}, frames(14, 0, 14), "sequence_stride of at least 1, got 0");
  expect_bad("extract_sequences", {x}, {{"sequence_length", 9}, {"sequence_stride", 1}},
             "expected at least 9 elements along the last axis, got 8");
}

TEST(Fourier, AWindowMayBeNumbers) {
  const Tensor x = floats({1, 4}, {1, 2, 3, 4});
  const Tensor y = run_one({x}, [](const Values& v) {
    const Json attributes = with(frames(2, 2, 2), "window", {1, 0.5});
    return call_named("stft", v, with(attributes, "center", false))[0];
  });
  EXPECT_EQ(elements(y), (std::vector<float>{2, 0, 5, 1}));
}

// With JAX the windows would then overlap by half.
TEST(Fourier, WindowsThatDoNotOverlapComeBackSideBySide) {
  const Tensor x = floats({1, 8}, {1, 2, 3, 4, 5, 6, 7, 9});
  const Tensor y = run_one({x}, [](const Values& v) {
    const Json attributes = with(with(frames(4, 4, 4), "center", false), "window", "hamming");
    return call_named("istft", call_named("stft", v, attributes), attributes)[0];
  });
  ASSERT_EQ(y.shape(), x.shape());
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(y.data<float>()[i], x.data<float>()[i], 1e-5f);
}

TEST(Fourier, RowsAreApart) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown, 16}});
  for (const Value& y : call_named("stft", Values{x}, frames(8, 4, 8))) graph.output(y);
  EXPECT_TRUE(rows_are_apart(graph));
}

}  // namespace
}  // namespace keratin::ops
