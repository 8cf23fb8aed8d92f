// Gradient cases: scattering, windows, ranges, images.
#include "gradient_cases.h"
#include "ops/affine.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/images.h"
#include "ops/named_call.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// Five rows for places of three, one of them twice, one nowhere.
Value places_of(Value x) {
  return x.graph().constant(Tensor::of<std::int32_t>({5}, {2, 0, 2, 7, 2}));
}

// An op by name of a part of its inputs.
Value named(const char* name, const Values& inputs, const char* attributes,
            std::size_t result = 0) {
  return call_named(name, inputs, Json::parse(attributes)).at(result);
}

}  // namespace

std::vector<Case> place_cases() {
  return {
      {"move_axes",
       "",
       {{2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return move_axes(v[0], {0, 1}, {-1, 0});
       }},
      {"take_or_zero",
       "",
       {{3, 2}},
       -1,
       1,
       [](const Values& v) { return take_or_zero(v[0], places_of(v[0]), 0); }},
      {"take_or_zero",
       "of its gradient",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return square(add_taken(v[1], places_of(v[0]), v[0], 0) + v[0]); }},
      {"scatter_add",
       "",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return scatter_add(v[0], places_of(v[0]), v[1]); }},
      {"scatter_multiply",
       "",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return scatter_multiply(v[0], places_of(v[0]), v[1]); }},
      {"scatter_multiply",
       "with zeros",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) {
         // One factor of row 0 and two of row 2 are 0.
         Tensor some = Tensor::of<double>({5, 2}, {1, 0, 0, 1, 0, 1, 1, 1, 1, 1});
         const Value kept = v[1].graph().constant(some.as(v[1].dtype()));
         return scatter_multiply(v[0], places_of(v[0]), v[1] * kept);
       }},
      {"scatter_max",
       "",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return scatter_max(v[0], places_of(v[0]), v[1]); }},
      {"scatter_min",
       "",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return scatter_min(v[0], places_of(v[0]), v[1]); }},
      {"scatter_set",
       "",
       {{3, 2}, {5, 2}},
       -1,
       1,
       [](const Values& v) { return scatter_set(v[0], places_of(v[0]), v[1]); }},
      {"named",
       "cdist",
       {{2, 3, 4}, {2, 2, 4}},
       -1,
       1,
       [](const Values& v) { return named("cdist", v, "{}"); }},
      {"named",
       "ldexp",
       {{3}},
       -1,
       1,
       [](const Values& v) { return named("ldexp", v, R"({"x2": [1, -2, 3]})"); }},
      {"named",
       "linspace",
       {{3}, {2, 3}},
       -1,
       1,
       [](const Values& v) {
         return named("linspace", v, R"({"num": 4, "axis": 1, "endpoint": false})");
       }},
      {"named",
       "logspace",
       {{3}, {3}},
       -1,
       1,
       [](const Values& v) { return named("logspace", v, R"({"num": 3, "base": 2.5})"); }},
      {"named",
       "geomspace",
       {{3}, {3}},
       1,
       2,
       [](const Values& v) { return named("geomspace", v, R"({"num": 4})"); }},
      {"named",
       "histogram edges",
       {{7}},
       -1,
       1,
       [](const Values& v) { return named("histogram", v, R"({"bins": 3})", 1); }},
      {"named",
       "nanquantile",
       {{3, 5}},
       -1,
       1,
       [](const Values& v) { return named("nanquantile", v, R"({"q": [0.2, 0.7], "axis": 1})"); }},
      {"named",
       "nanmedian",
       {{3, 5}},
       -1,
       1,
       [](const Values& v) { return named("nanmedian", v, "{}"); }},
      {"named",
       "unique rows",
       {{4, 2}},
       -1,
       1,
       [](const Values& v) { return named("unique", v, R"({"size": 3, "axis": 0})"); }},
      {"named",
       "trapezoid",
       {{3, 4}},
       -1,
       1,
       [](const Values& v) { return named("trapezoid", v, R"({"x": [0, 1, 3, 3.5]})"); }},
      {"named",
       "unique",
       {{3, 2}},
       -1,
       1,
       [](const Values& v) { return named("unique", v, R"({"size": 4})"); }},
      {"named",
       "unfold",
       {{2, 2, 4, 5}},
       -1,
       1,
       [](const Values& v) {
         return named(
             "unfold", v,
             R"({"kernel_size": 2, "padding": [1, 0], "stride": [1, 2], "dilation": [2, 1]})");
       }},
      {"named",
       "fold",
       {{2, 8, 6}},
       -1,
       1,
       [](const Values& v) {
         return named("fold", v, R"({"output_size": [3, 4], "kernel_size": 2})");
       }},
      {"named",
       "image.extract_patches",
       {{2, 4, 5, 2}},
       -1,
       1,
       [](const Values& v) {
         return named("image.extract_patches", v,
                      R"({"size": [2, 3], "strides": 2, "padding": "same"})");
       }},
      {"named",
       "rearrange",
       {{2, 6, 2}},
       -1,
       1,
       [](const Values& v) {
         return named("rearrange", v,
                      R"({"pattern": "a (b c) d -> c (a d) b", "axes_lengths": {"b": 2}})");
       }},
      {"named",
       "scatter_update",
       {{3, 2}, {2, 2}},
       -1,
       1,
       [](const Values& v) {
         return named("scatter_update",
                      {v[0], v[0].graph().constant(Tensor::of<std::int32_t>({2, 1}, {2, 0})), v[1]},
                      "{}");
       }},
      {"named",
       "segment_prod",
       {{3, 2}},
       0.5,
       1,
       [](const Values& v) {
         return named("segment_prod",
                      {v[0], v[0].graph().constant(Tensor::of<std::int32_t>({3}, {1, 0, 1}))},
                      R"({"num_segments": 3})");
       }},
      {"counted_along",
       "",
       {{2, 3}},
       -1,
       1,
       [](const Values& v) { return counted_along(v[0], 4, 3) * sum(v[0]); }},
      {"to_grayscale",
       "",
       {{2, 2, 2, 3}},
       0,
       1,
       [](const Values& v) { return to_grayscale(v[0]); }},
      {"to_hsv",
       "",
       {{2, 3, 3, 3}},
       0.1,
       1,
       [](const Values& v) {
         const auto [hue, saturation, value] = to_hsv(v[0]);
         return concatenate({hue, saturation * 2.0, value * 3.0}, 3);
       }},
      {"from_hsv",
       "",
       {{1, 3, 3, 1}, {1, 3, 3, 1}, {1, 3, 3, 1}},
       0.1,
       0.9,
       [](const Values& v) {
         return from_hsv({v[0], v[1], v[2]});
       }},
      {"blur",
       "",
       {{2, 4, 3, 2}, {}},
       0.5,
       1,
       [](const Values& v) { return blur(v[0], 1, 3, v[1]); }},
      {"blur",
       "valid",
       {{1, 4, 3, 2}, {}},
       0.5,
       1,
       [](const Values& v) { return blur(v[0], 2, 2, v[1], Padding::kValid); }},
      {"sample",
       "",
       {{2, 3, 4, 2}, {2, 2, 3, 2}},
       -1,
       1,
       [](const Values& v) {
         return sample(v[0], v[1] * 2.7 + 1.1, true, kernels::Fill::kReflect, 0);
       }},
      {"sample",
       "constant",
       {{2, 3, 4, 2}, {2, 2, 3, 2}},
       -1,
       1,
       [](const Values& v) {
         return sample(v[0], v[1] * 2.7 + 1.1, true, kernels::Fill::kConstant, 0.7);
       }},
      {"sample",
       "nearest",
       {{2, 3, 4, 2}, {2, 2, 3, 2}},
       -1,
       1,
       [](const Values& v) {
         return sample(v[0], v[1] * 2.7 + 1.1, false, kernels::Fill::kWrap, 0) + sum(v[1]);
       }},
      {"named",
       "image.affine_transform",
       {{2, 3, 4, 2}, {2, 8}},
       -0.5,
       1,
       [](const Values& v) {
         return named("image.affine_transform", v, R"({"fill_mode": "mirror"})");
       }},
      {"named",
       "image.perspective_transform",
       {{2, 3, 4, 2}, {2, 4, 2}},
       0,
       0.5,
       [](const Values& v) {
         const Value corners =
             v[0].graph().constant(Tensor::of<double>({4, 2}, {0, 0, 3, 0, 0, 2, 3, 2}));
         const Value start = cast(corners, v[0].dtype()) + v[1];
         return named("image.perspective_transform", {v[0], start, start + square(v[1])}, "{}");
       }},
      {"named",
       "image.map_coordinates",
       {{3, 4}, {2, 5}},
       -1,
       1,
       [](const Values& v) {
         return named("image.map_coordinates", {v[0], v[1] * 2.9 + 1.2},
                      R"({"order": 1, "fill_mode": "wrap"})");
       }},
      {"named",
       "image.scale_and_translate",
       {{1, 4, 5, 1}, {2}, {2}},
       0.6,
       1,
       [](const Values& v) {
         return named(
             "image.scale_and_translate", v,
             R"({"output_shape": [null, 3, 4, 1], "spatial_dims": [1, 2], "method": "cubic"})");
       }},
      {"named",
       "image.scale_and_translate lanczos",
       {{1, 6, 1}, {1}, {1}},
       0.6,
       1,
       [](const Values& v) {
         return named("image.scale_and_translate", v,
                      R"({"output_shape": [1, 8, 1], "spatial_dims": [1], "method": "lanczos3"})");
       }},
      {"named",
       "image.ssim",
       {{1, 4, 4, 2}, {1, 4, 4, 2}},
       0,
       1,
       [](const Values& v) { return named("image.ssim", v, R"({"filter_size": 3})"); }},
      {"named",
       "image.sobel_edges",
       {{1, 3, 4, 2}},
       0,
       1,
       [](const Values& v) { return named("image.sobel_edges", v, "{}"); }},
  };
}

}  // namespace keratin::ops
