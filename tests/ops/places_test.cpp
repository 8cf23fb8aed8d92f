// Ops by Keras' names that bring elements to places, look at windows, images and sequences: bad
// input, and batches that are not known. Values and gradients: gradient_test.cpp and the
// conformance cases.
#include "named_testing.h"
#include "op_testing.h"

namespace keratin::ops {
namespace {

const Spec kVector{DType::kFloat32, {6}}, kMatrix{DType::kFloat32, {4, 6}};
const Spec kImages{DType::kFloat32, {2, 5, 6, 3}}, kBatch{DType::kFloat32, {kUnknown, 6}};
Spec integers(Shape shape) { return {DType::kInt32, std::move(shape)}; }

TEST(Places, BadInputIsNamed) {
  expect_bad("scatter", {integers({3, 3}), kVector}, {{"shape", {4, 6}}},
             "indices: expected int32 [..., 1 to 2] for shape (4, 6), got int32 (3, 3)");
  expect_bad("scatter_update", {kMatrix, integers({2}), kVector}, {},
             "indices: expected [updates, axes], got shape (2,)");
  expect_bad("scatter_update", {kMatrix, integers({2, 1}), kMatrix}, {}, "(4, 6)");
  expect_bad("scatter_update", {kMatrix, integers({4, 1}), kMatrix}, {{"reduction", "mean"}},
             "'max', 'min' or 'mul', got \"mean\"");
  expect_bad("segment_max", {kMatrix, integers({4})}, {}, "num_segments must be given");
  expect_bad("segment_sum", {kMatrix, integers({4, 1})}, {{"num_segments", 2}},
             "segment_ids: expected one axis, got shape (4, 1)");
  expect_bad("segment_sum", {kMatrix, integers({4})}, {{"num_segments", -2}}, "0 or more, got -2");
  expect_bad("quantile", {kMatrix}, {{"q", 0.5}, {"method", "mean"}}, "'nearest', got 'mean'");
  expect_bad("nanquantile", {kMatrix, kMatrix}, {{"axis", 1}}, "q: expected a number or a list");
  expect_bad("nanmedian", {kBatch}, {{"axis", 0}}, "must be known");
  expect_bad("unique", {kVector}, {{"size", 0}}, "size: expected 1 or more, got 0");
  expect_bad("unique", {kMatrix}, {{"size", 2}, {"axis", 2}}, "2");
  expect_bad("trapezoid", {kMatrix}, {{"x", {0, 1}}}, "x: expected 6 numbers, got shape (2,)");
  expect_bad("argpartition", {kVector}, {{"kth", 6}}, "6");
  expect_bad("unravel_index", {integers({6})}, {{"shape", {2, 0}}}, "1 or more, got 0");
  expect_bad("view", {{DType::kUint8, {2, 6}}}, {{"dtype", "int32"}},
             "uint8 of shape (2, 6) cannot be seen as int32");
  expect_bad("ldexp", {kVector, kVector}, {}, "x2: expected integers, got float32");
  expect_bad("linspace", {kVector, kVector}, {{"num", 0}}, "num: expected 1 or more, got 0");
  expect_bad("histogram", {kVector}, {{"bins", 0}}, "bins: expected 1 or more, got 0");
  expect_bad("histogram", {kVector}, {{"range", {2, 1}}}, "the smaller one first, got [2,1]");
  EXPECT_ERROR(called("unique", {kVector}, {}), Code::kUnsupported, "'size' must be given");
  EXPECT_ERROR(called("linspace", {kVector, kVector}, {{"retstep", true}}), Code::kUnsupported,
               "retstep is not supported");
}

TEST(Windows, BadInputIsNamed) {
  const auto pattern = [](const char* text, Json lengths = Json::object()) {
    return Json{{"pattern", text}, {"axes_lengths", std::move(lengths)}};
  };
  expect_bad("rearrange", {kMatrix}, pattern("a b"), "expected 'axes -> axes', got \"a b\"");
  expect_bad("rearrange", {kMatrix}, pattern("a b c -> c b a"), "has 3 axes on the left");
  expect_bad("rearrange", {kMatrix}, pattern("a (b c -> b"), "a parenthesis is not closed");
  expect_bad("rearrange", {kMatrix}, pattern("a b ... -> b a"), "unexpected '.'");
  expect_bad("rearrange", {kMatrix}, pattern("a a -> a"), "'a' stands twice");
  expect_bad("rearrange", {kMatrix}, pattern("a b -> a c"), "'c' does not stand on the left");
  expect_bad("rearrange", {kMatrix}, pattern("a b -> a"), "leaves axes out");
  expect_bad("rearrange", {kMatrix}, pattern("a (b c) -> a b c"), "'c' and another axis beside it");
  expect_bad("rearrange", {kMatrix}, pattern("a (b c) -> a b c", {{"b", 4}}),
             "axis 1 of 6 cannot be taken apart by 4");
  expect_bad("rearrange", {kMatrix}, pattern("a (b c) -> a b c", {{"b", 0}}), "1 or more, got 0");
  expect_bad("unfold", {kMatrix}, {{"kernel_size", 2}}, "[batch, channels, height, width], got");
  expect_bad("unfold", {kImages}, {{"kernel_size", {1, 2, 3}}}, "expected 2 numbers, got 3");
  expect_bad("unfold", {kImages}, {{"kernel_size", 2}, {"stride", 0}}, "1 or more, got 0");
  expect_bad("unfold", {kImages}, {{"kernel_size", 7}}, "7");
  expect_bad("fold", {{DType::kFloat32, {2, 9, 4}}}, {{"kernel_size", 2}, {"output_size", 3}},
             "expected shape [batch, channels * 4, 4], got (2, 9, 4)");
  expect_bad("image.extract_patches", {kMatrix}, {{"size", 2}}, "rank 3 or 4, got shape (4, 6)");
  expect_bad("image.extract_patches", {kImages}, {{"size", {1, 1, 1, 1}}}, "2 or 3 numbers, got 4");
}

TEST(Images, BadInputIsNamed) {
  const Spec whole = integers({2, 5, 6, 3}), maps{DType::kFloat32, {2, 8}};
  const Spec corners{DType::kFloat32, {2, 4, 2}}, pair{DType::kFloat32, {2}};
  for (const char* name : {"image.rgb_to_hsv", "image.hsv_to_rgb"}) {
    expect_bad(name, {kMatrix}, {}, "rank 3 or 4, got shape (4, 6)");
    expect_bad(name, {whole}, {}, "expected floating images, got int32");
    expect_bad(name, {{DType::kFloat32, {2, 5, 6, 4}}}, {}, "expected images of 3 channels");
  }
  expect_bad("image.rgb_to_grayscale", {{DType::kFloat32, {5, 6, 2}}}, {}, "1 or 3 channels");
  expect_bad("image.pad_images", {kImages}, {{"top_padding", 1}},
             "just two of top_padding, bottom_padding and target_height, got 1");
  expect_bad("image.pad_images", {kImages}, {{"top_padding", -1}, {"bottom_padding", 1}},
             "top_padding: expected 0 or more, got -1");
  expect_bad("image.pad_images", {kImages}, {{"top_padding", 1}, {"target_height", 5}},
             "target_height: 5 leaves no room for an extent of 5");
  expect_bad("image.crop_images", {kImages}, {{"top_cropping", 3}, {"target_height", 3}},
             "the part from 3 to 6 is none of an extent of 5");
  expect_bad("image.gaussian_blur", {kImages}, {{"kernel_size", 0}}, "two numbers above 0 each");
  expect_bad("image.sobel_edges", {{DType::kFloat32, {5, 6, 3}}}, {}, "rank 4, got shape");
  expect_bad("image.ssim", {kImages, kImages}, {{"filter_size", 7}}, "7");
  expect_bad("image.affine_transform", {kImages, kVector}, {}, "[8] or [batch, 8], got shape (6,)");
  expect_bad("image.affine_transform", {kImages, maps}, {{"interpolation", "cubic"}},
             "'bilinear' or 'nearest', got 'cubic'");
  expect_bad("image.affine_transform", {kImages, maps}, {{"fill_mode", "none"}}, "got 'none'");
  expect_bad("image.perspective_transform", {kImages, corners, kMatrix}, {},
             "end_points: expected [4, 2] or [batch, 4, 2], got shape (4, 6)");
  expect_bad("image.map_coordinates", {kMatrix, kMatrix}, {{"order", 1}},
             "coordinates: expected shape [2, ...] of rank 2 or more, got (4, 6)");
  expect_bad("image.map_coordinates", {kMatrix, {DType::kFloat32, {2, 3}}}, {{"order", 3}},
             "order: expected 0 or 1, got 3");
  const auto scaled = [](Json shape, const char* method) {
    return Json{{"output_shape", std::move(shape)}, {"spatial_dims", {1, 2}}, {"method", method}};
  };
  expect_bad("image.scale_and_translate", {kImages, pair, pair}, scaled({2, 3}, "linear"),
             "output_shape: expected 4 numbers");
  expect_bad("image.scale_and_translate", {kImages, pair, kVector}, scaled({2, 3, 3, 3}, "linear"),
             "expected 2 numbers each, got shape (6,)");
  expect_bad("image.scale_and_translate", {kImages, pair, pair}, scaled({2, 3, 3, 3}, "area"),
             "'lanczos5', got 'area'");
  expect_bad("image.scale_and_translate", {kImages, pair, pair}, scaled({2, 3, 3, 4}, "linear"),
             "is none for what becomes (2, 3, 3, 3)");
}

TEST(Sequences, BadInputIsNamed) {
  const Spec logits{DType::kFloat32, {2, 5, 4}}, two = integers({2}), labels = integers({2, 3});
  expect_bad("ctc_loss", {labels, kMatrix, two, two}, {}, "logits (batch, time, classes), got");
  expect_bad("ctc_loss", {labels, logits, two, integers({3})}, {},
             "lengths (batch,), got int32 (3,)");
  expect_bad("ctc_loss", {labels, logits, two, two}, {{"mask_index", 4}},
             "the blank among 4 classes, got 4");
  expect_bad("ctc_decode", {kMatrix, two}, {}, "[batch, time, classes]");
  expect_bad("ctc_decode", {logits, two}, {{"strategy", "best"}}, "'beam_search', got 'best'");
  expect_bad("ctc_decode", {logits, two},
             {{"strategy", "beam_search"}, {"beam_width", 2}, {"top_paths", 3}},
             "paths up to it, got 2 and 3");
}

TEST(Places, OutsideLeavesNothing) {
  const Tensor x = floats({2, 1}, {1, 2}), updates = floats({3, 1}, {5, 7, 11});
  const Tensor places = Tensor::of<std::int32_t>({3, 1}, {-1, 2, -3});
  const auto results = run_graph({x, places, updates}, [](const Values& v) {
    Values all;
    for (const char* reduction : {"add", "mul", "max", "min"})
      all.push_back(call_named("scatter_update", v, {{"reduction", reduction}})[0]);
    all.push_back(call_named("scatter_update", v, {})[0]);
    return all;
  });
  const float last[] = {7, 10, 5, 2, 5};
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(elements(results[i]), (std::vector<float>{1, last[i]})) << i;
}

TEST(Places, NextAfterIsTheNextOne) {
  const float tiny = 0x1p-149f, largest = 0x1.fffffep127f;
  const Tensor x = floats({6}, {1, 1, 0, 0, -tiny, largest});
  const Tensor y = floats({6}, {2, 0, 1, -1, 1, HUGE_VALF});
  const Tensor next =
      run_one({x, y}, [](const Values& v) { return call_named("nextafter", v, {})[0]; });
  EXPECT_EQ(elements(next),
            (std::vector<float>{0x1.000002p0f, 0x1.fffffep-1f, tiny, -tiny, -0.0f, HUGE_VALF}));
}

// One graph for any batch: as many results as rows are fed.
TEST(Places, TheBatchNeedNotBeKnown) {
  const Tensor x = floats({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Tensor ids = Tensor::of<std::int32_t>({2}, {1, 1});
  const auto results = run_graph(
      {x, ids},
      [](const Values& v) {
        return Values{call_named("rearrange", Values{v[0]}, {{"pattern", "b h w -> (b w) h"}})[0],
                      call_named("segment_sum", v, {{"num_segments", 2}})[0],
                      call_named("size", Values{v[0]}, {})[0]};
      },
      false, true);
  EXPECT_EQ(results[0].shape(), (Shape{6, 2}));
  EXPECT_EQ(elements(results[0]), (std::vector<float>{1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12}));
  EXPECT_EQ(elements(results[1]), (std::vector<float>{0, 0, 0, 0, 0, 0, 8, 10, 12, 14, 16, 18}));
  EXPECT_EQ(elements<std::int32_t>(results[2]), std::vector<std::int32_t>{12});
}

}  // namespace
}  // namespace keratin::ops
