#include "kernels/conv.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/conv_plain.h"
#include "kernels/gemm_kernels.h"
#include "kernels/pieces.h"

namespace keratin::kernels {
namespace {

// How a convolution is cut depends on its shape alone.
constexpr std::int64_t kPieceWork = 8 * 1024 * 1024;  // multiplications, at most
constexpr std::int64_t kPieceBytes = 512 * 1024;      // of both sides, at most
constexpr std::int64_t kGroupBytes = 256 * 1024;      // of several small images, at most
constexpr std::int64_t kGroup = 8;                    // images, at most
constexpr std::int64_t kTileRows = 12;

// The positions of the class in begin .. end-1.
AxisClass clip(AxisClass c, std::int64_t begin, std::int64_t end) {
  const std::int64_t skip = c.first >= begin ? 0 : ceil_div(begin - c.first, c.step);
  const std::int64_t until = c.first >= end ? 0 : ceil_div(end - c.first, c.step);
  c.count = std::max<std::int64_t>(0, std::min(c.count, until) - skip);
  c.first += skip * c.step;
  c.source += skip * c.source_step;
  return c;
}

}  // namespace

Convolution::Convolution(const ConvShape& shape, Way way) : shape_(shape), way_(way) {
  const bool output = way == Way::kOutput;
  from_ = output ? shape.in : shape.out;
  to_ = output ? shape.out : shape.in;
  from_channels_ = output ? shape.channels_in : shape.channels_out;
  to_channels_ = output ? shape.channels_out : shape.channels_in;
  from_group_ = from_channels_ / shape.groups;
  to_group_ = to_channels_ / shape.groups;
  width_ = gemm_kernels().columns;
  if (shape.is_pointwise()) {
    scratch_ = gemm_scratch_bytes(product(), DType::kFloat32);
    return;
  }
  if (Winograd::pays(shape)) {
    winograd_.emplace(shape, !output);
    scratch_ = winograd_->scratch_bytes();
    return;
  }
  if (!shape.is_depthwise()) {
    const std::int64_t size = shape.batch * from_[0] * from_[1] * from_[2] * from_channels_;
    std::int64_t rounded = 0;
    if (shape.precision == Precision::kBFloat16) {
      const BFloat16Kernels* pairs = from_group_ % 2 == 0 ? bfloat16_kernels() : nullptr;
      if (pairs != nullptr) {
        rounding_ = Rounding::kPairs;
        from_channels_ /= 2;
        from_group_ /= 2;
        width_ = pairs->columns;
        rounded = size / 2;
      } else {
        rounding_ = Rounding::kFloats;
        rounded = size + shape.taps() * shape.group_in() * shape.channels_out;
      }
    }
    panel_ = shape.taps() * from_group_ * width_;
    panels_ = panel_ * ceil_div(to_group_, width_) * shape.groups;
    scratch_ = std::size_t(panels_ + rounded) * sizeof(float);
  }
  cut();
}

GemmShape Convolution::product() const {
  return {shape_.batch * shape_.in_pixels(),
          to_channels_,
          from_channels_,
          false,
          way_ == Way::kInput,
          shape_.is_depthwise() ? Precision::kFull : shape_.precision};
}

// Pieces are a few images, or a block of lines of one image.
void Convolution::cut() {
  const std::int64_t lines = to_[0] * to_[1];
  const std::int64_t pixels = lines * to_[2];
  const std::int64_t bytes =
      (from_[0] * from_[1] * from_[2] * from_channels_ + pixels * to_channels_) *
      std::int64_t(sizeof(float));
  const std::int64_t work =
      shape_.out_pixels() * shape_.taps() * shape_.group_in() * shape_.channels_out;
  const std::int64_t blocks =
      std::min(lines, std::max(ceil_div(work, kPieceWork), ceil_div(bytes, kPieceBytes)));
  if (pixels == 0 || shape_.batch == 0) return;
  lines_ = ceil_div(lines, std::max<std::int64_t>(1, blocks));
  if (blocks <= 1)
    images_ = std::clamp<std::int64_t>(
        std::min(kGroupBytes / std::max<std::int64_t>(1, bytes), shape_.batch / kGroup), 1, kGroup);
  for (std::int64_t line = 0; line < lines; line += lines_) {
    first_box_.push_back(boxes_.size());
    add_boxes(line, std::min(line + lines_, lines));
  }
  first_box_.push_back(boxes_.size());
}

// Boxes of the lines begin .. end-1 of an image.
void Convolution::add_boxes(std::int64_t begin, std::int64_t end) {
  const auto classes = way_ == Way::kOutput ? output_classes : input_classes;
  const std::vector<AxisClass> depth = classes(shape_, 0), height = classes(shape_, 1),
                               width = classes(shape_, 2);
  if (begin == 0 && end == to_[0] * to_[1]) {
    for (const AxisClass& d : depth) add_boxes(d, height, width);
    return;
  }
  for (std::int64_t z = begin / to_[1]; z * to_[1] < end; ++z) {
    std::vector<AxisClass> part;
    for (const AxisClass& h : height) {
      part.push_back(clip(h, std::max<std::int64_t>(0, begin - z * to_[1]), end - z * to_[1]));
      if (part.back().count == 0) part.pop_back();
    }
    for (const AxisClass& d : depth)
      if (const AxisClass one = clip(d, z, z + 1); one.count > 0) add_boxes(one, part, width);
  }
}

void Convolution::add_boxes(const AxisClass& d, const std::vector<AxisClass>& height,
                            const std::vector<AxisClass>& width) {
  const std::int64_t from_row = from_[2] * from_channels_, from_plane = from_[1] * from_row;
  const std::int64_t to_row = to_[2] * to_channels_, to_plane = to_[1] * to_row;
  const bool depthwise = shape_.is_depthwise();
  const std::int64_t unit = depthwise ? shape_.channels_out : from_group_ * width_;
  for (const AxisClass& h : height)
    for (const AxisClass& w : width) {
      Box box;
      box.from = d.source * from_plane + h.source * from_row + w.source * from_channels_;
      box.to = d.first * to_plane + h.first * to_row + w.first * to_channels_;
      const std::int64_t counts[4] = {images_, d.count, h.count, w.count};
      const std::int64_t from_steps[4] = {from_[0] * from_plane, d.source_step * from_plane,
                                          h.source_step * from_row, w.source_step * from_channels_};
      const std::int64_t to_steps[4] = {to_[0] * to_plane, d.step * to_plane, h.step * to_row,
                                        w.step * to_channels_};
      double best = 0;
      for (const int axis : {3, 2, 0, 1}) {
        box.count[axis] = counts[axis];
        box.from_step[axis] = from_steps[axis];
        box.to_step[axis] = to_steps[axis];
        const double height_of_tiles =
            double(counts[axis]) / double(ceil_div(counts[axis], kTileRows));
        if (height_of_tiles > best) best = height_of_tiles, box.tile_axis = axis;
      }
      // Taps that lie side by side on both sides are one segment.
      const bool merged = !depthwise && shape_.groups == 1 && w.tap_step == 1 && w.source_tap == 1;
      box.steps = (merged ? w.taps : 1) * from_group_;
      box.segment = segments_.size();
      for (std::int64_t i = 0; i < d.taps; ++i)
        for (std::int64_t j = 0; j < h.taps; ++j)
          for (std::int64_t k = 0; k < (merged ? std::min<std::int64_t>(1, w.taps) : w.taps); ++k) {
            std::int64_t tap =
                ((d.tap + i * d.tap_step) * shape_.kernel[1] + h.tap + j * h.tap_step) *
                    shape_.kernel[2] +
                w.tap + k * w.tap_step;
            if (depthwise && way_ == Way::kInput) tap = shape_.taps() - 1 - tap;
            segments_.push_back({i * d.source_tap * from_plane + j * h.source_tap * from_row +
                                     k * w.source_tap * from_channels_,
                                 tap * unit});
          }
      box.segments = std::int64_t(segments_.size() - box.segment);
      boxes_.push_back(box);
    }
}

// Panels of the kernel, as [taps, from_group, to_group] for each group; taps reversed for kInput.
void Convolution::pack(const float* kernel, float* panels) const {
  const GemmKernels& kernels = gemm_kernels();
  const BFloat16Kernels* pairs = rounding_ == Rounding::kPairs ? bfloat16_kernels() : nullptr;
  const std::int64_t width = width_, taps = shape_.taps();
  const std::int64_t in = shape_.group_in(), out = shape_.group_out(), all = shape_.channels_out;
  const std::int64_t in_group = ceil_div(to_group_, width);
  parallel_for(shape_.groups * in_group, [&](std::int64_t i) {
    const std::int64_t group = i / in_group, j = i % in_group * width;
    const std::int64_t columns = std::min(width, to_group_ - j);
    float* panel = panels + i * panel_;
    const float* part = kernel + group * out;
    if (way_ == Way::kOutput) {
      if (pairs != nullptr)
        pairs->round_steps(part + j, all, taps * in, columns, panel, width);
      else
        kernels.pack(part + j, all, false, taps * in, columns, panel);
      return;
    }
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const float* of_tap = part + ((taps - 1 - tap) * in + j) * all;
      float* to = panel + tap * from_group_ * width;
      if (pairs != nullptr)
        pairs->round_transposed(of_tap, all, out, columns, to, width);
      else
        kernels.pack(of_tap, all, true, out, columns, to);
    }
  });
}

void Convolution::run_piece(std::int64_t piece, const float* from, const float* panels,
                            float* to) const {
  const auto blocks = std::int64_t(first_box_.size()) - 1;
  const std::int64_t image = piece / blocks * images_;
  const std::int64_t images = std::min(images_, shape_.batch - image);
  const Box* begin = boxes_.data() + first_box_[std::size_t(piece % blocks)];
  const Box* end = boxes_.data() + first_box_[std::size_t(piece % blocks) + 1];

  const std::int64_t width = width_, in_group = ceil_div(to_group_, width);
  const bool depthwise = shape_.is_depthwise();
  const auto multiply = depthwise                       ? conv_kernels().channels
                        : rounding_ == Rounding::kPairs ? bfloat16_kernels()->multiply
                                                        : conv_kernels().packed;
  const auto run_box = [&](const Box& box, const float* a, const float* b, float* c,
                           std::int64_t columns) {
    int others[3], count = 0;
    for (int axis = 0; axis < 4; ++axis)
      if (axis != box.tile_axis) others[count++] = axis;
    const auto extent = [&](int axis) { return axis == 0 ? images : box.count[axis]; };
    ConvTile tile{nullptr,
                  box.from_step[box.tile_axis],
                  1,
                  segments_.data() + box.segment,
                  box.segments,
                  box.steps,
                  b,
                  width,
                  nullptr,
                  box.to_step[box.tile_axis],
                  false};
    for (std::int64_t i = 0; i < extent(others[0]); ++i)
      for (std::int64_t j = 0; j < extent(others[1]); ++j)
        for (std::int64_t k = 0; k < extent(others[2]); ++k) {
          tile.a = a + box.from + i * box.from_step[others[0]] + j * box.from_step[others[1]] +
                   k * box.from_step[others[2]];
          tile.c = c + box.to + i * box.to_step[others[0]] + j * box.to_step[others[1]] +
                   k * box.to_step[others[2]];
          multiply(tile, extent(box.tile_axis), columns);
        }
  };

  const float* a = from + image * from_[0] * from_[1] * from_[2] * from_channels_;
  float* c = to + image * to_[0] * to_[1] * to_[2] * to_channels_;
  if (depthwise) {
    for (const Box* box = begin; box != end; ++box) run_box(*box, a, panels, c, to_channels_);
    return;
  }
  for (std::int64_t i = 0; i < shape_.groups * in_group; ++i) {
    const std::int64_t group = i / in_group, j = i % in_group * width;
    for (const Box* box = begin; box != end; ++box)
      run_box(*box, a + group * from_group_, panels + i * panel_, c + group * to_group_ + j,
              std::min(width, to_group_ - j));
  }
}

void Convolution::run(const float* from, const float* kernel, float* to, RowEpilogue epilogue,
                      void* scratch) const {
  if (shape_.is_pointwise()) return gemm(product(), from, kernel, to, epilogue, scratch);
  if (winograd_) return winograd_->run(from, kernel, to, epilogue, scratch);
  if (first_box_.empty()) return;
  const float* panels = kernel;
  auto* memory = static_cast<float*>(scratch);
  float* rounded = memory + panels_;
  const std::int64_t size = from_[0] * from_[1] * from_[2] * from_channels_;  // of an image
  if (rounding_ == Rounding::kFloats) {
    round_to_bfloat16(from, shape_.batch * size, rounded);
    from = rounded;
    rounded += shape_.batch * size;
    round_to_bfloat16(kernel, shape_.taps() * shape_.group_in() * shape_.channels_out, rounded);
    kernel = rounded;
  }
  if (!shape_.is_depthwise()) {
    pack(kernel, memory);
    panels = memory;
  }
  const auto blocks = std::int64_t(first_box_.size()) - 1;
  const std::int64_t lines = to_[0] * to_[1];
  const bool pairs = rounding_ == Rounding::kPairs;
  const auto round = [&](std::int64_t begin, std::int64_t count) {
    bfloat16_kernels()->round_rows(from + 2 * begin, 0, 1, 2 * count, rounded + begin, 0);
  };
  if (pairs && blocks > 1) in_pieces(shape_.batch * size, round);
  parallel_for(ceil_div(shape_.batch, images_) * blocks, [&](std::int64_t piece) {
    if (pairs && blocks == 1) {
      const std::int64_t first = piece * images_;
      round(first * size, std::min(images_, shape_.batch - first) * size);
    }
    run_piece(piece, pairs ? rounded : from, panels, to);
    if (epilogue.fn == nullptr) return;
    const std::int64_t image = piece / blocks * images_, line = piece % blocks * lines_;
    const std::int64_t last = std::min(image + images_, shape_.batch) - 1;
    epilogue.fn(epilogue.context, (image * lines + line) * to_[2],
                (last * lines + std::min(line + lines_, lines)) * to_[2]);
  });
}

void Convolution::run(const double* from, const double* kernel, double* to, RowEpilogue epilogue,
                      void*) const {
  if (way_ == Way::kOutput)
    plain_convolution(shape_, from, kernel, to);
  else
    plain_input_gradient(shape_, from, kernel, to);
  if (epilogue.fn != nullptr)
    epilogue.fn(epilogue.context, 0, shape_.batch * to_[0] * to_[1] * to_[2]);
}

}  // namespace keratin::kernels
