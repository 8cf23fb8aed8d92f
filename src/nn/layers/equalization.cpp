// Equalization of histograms: of whole channels in training, and of tiles with a limit (CLAHE).
#include <cmath>

#include "nn/layers/augmentation.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/scan.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Each channel's values, over the whole batch, spread so that all are met alike.
class Equalization : public Augmentation {
 public:
  std::int64_t bins = 256;

  Equalization() : Augmentation(describe) {}
  static const ClassInfo& describe();

  void configured() override {
    Augmentation::configured();
    const Range range = read_range(*this, "value_range", value_range);
    if (range.low > range.high) value_range = Json{value_range[1], value_range[0]};
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    if (!context.training) return {ops::cast(inputs[0], compute_dtype())};
    return Augmentation::call(context, inputs);
  }

 protected:
  bool is_random() const override { return false; }

  Value augment(Value images) const override {
    const std::int64_t channels = images.shape()[3], last = bins - 1;
    const Range range = read_range(*this, "value_range", value_range);
    const double scale = 255 / (range.high - range.low);
    const Value x = images * scale + (0 - range.low * scale);
    // Of a channel, the bins stand from channel * bins on.
    Tensor first(DType::kFloat32, {channels});
    for (std::int64_t c = 0; c < channels; ++c) first.data<float>()[c] = float(c * bins);
    const Value begin = x.graph().constant(first.as(x.dtype()));
    const auto place = [&](Value bin) {
      return ops::cast(ops::floor(ops::clip(bin, 0, double(last))) + begin, DType::kInt32);
    };
    const Value seen = ops::reshape(place(x * double(last) / 255.0), {kUnknown});
    const Value none = x.graph().constant(Tensor(x.dtype(), {channels * bins}));
    const Value flat = ops::reshape(x, {kUnknown});
    const Value histogram =
        ops::reshape(ops::add_taken(ops::ones_like(flat), seen, none, 0), {channels, bins});

    const Value cdf = ops::cumsum(histogram, 1);
    const Value total = ops::slice(cdf, 1, last, bins);
    const Value least = ops::min(ops::where(ops::greater(cdf, 0.0), cdf, total), {1}, true);
    const Value rest = ops::maximum(total - least, 1.0);
    const Value table = ops::clip(ops::round((cdf - least) * 255.0 / rest), 0, 255);
    const Value equalized =
        ops::take(ops::reshape(table, {channels * bins}), place(x / 255.0 * double(last)), 0);
    const Value filled = ops::sum(ops::greater(histogram, 0.0), {1});
    const Value result = ops::where(ops::less_equal(filled, 1.0), x, equalized);
    return result / scale + (range.low - 0 / scale);
  }
};

const ClassInfo& Equalization::describe() {
  static const ClassInfo info = [] {
    using C = Equalization;
    ClassInfo c = augmentation_info<C>("Equalization",
                                       "In training, equalizes the histogram of each channel.");
    c.attributes.push_back(
        attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."));
    c.attributes.push_back(attribute<C>("bins", &C::bins, "Of the histogram.").at_least(1));
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Equalization);

// The same of each tile of an image, with a limit to what a bin holds; between the middles of tiles
// their results are mixed.
class Clahe : public Augmentation {
 public:
  double clip_limit = 4.0;
  std::vector<std::int64_t> tile_grid_size = {8, 8};

  Clahe() : Augmentation(describe) {}
  static const ClassInfo& describe();

  void configured() override {
    Augmentation::configured();
    require(tile_grid_size.size() == 2 && tile_grid_size[0] > 0 && tile_grid_size[1] > 0, "layer '",
            name, "' (", info().name, "): expected tile_grid_size to be two numbers above 0");
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value y = Augmentation::call(context, inputs)[0];
    return {ops::cast(y, inputs[0].dtype())};
  }
  bool autocast() const override { return false; }

 protected:
  bool is_random() const override { return false; }

  Value augment(Value images) const override {
    return to_range(equalized(from_range(images, {0, 255})), {0, 255});
  }

 private:
  static constexpr std::int64_t kBins = 256;

  // One axis of the image, cut into tiles.
  struct Axis {
    std::int64_t extent, tiles, tile;
    Axis(Value x, int axis, std::int64_t count)
        : extent(ops::known_extent(x, axis)), tiles(count), tile((extent + count - 1) / count) {}
    std::int64_t padded() const { return tiles * tile; }
    // Mirrored, edge and all, as often as it takes.
    std::vector<std::int32_t> mirrored() const {
      std::vector<std::int32_t> places;
      for (std::int64_t i = 0; i < padded(); ++i) {
        const std::int64_t at = i % (2 * extent);
        places.push_back(std::int32_t(at < extent ? at : 2 * extent - 1 - at));
      }
      return places;
    }
    // Of a pixel: the tile (1 is the first, 0 and tiles + 1 repeat those at the ends) whose middle
    // is before it, and how far the next one's is.
    std::int64_t before(std::int64_t i) const { return std::int64_t(std::floor(place(i))); }
    float share(std::int64_t i) const { return place(i) - std::floor(place(i)); }

   private:
    float place(std::int64_t i) const {
      return (float(i) - float(tile) / 2.0f) / float(tile) + 1.0f;
    }
  };

  // Cumulated and limited histograms of tiles, from 0 to 255: [batch, tiles, tiles, channels, 256].
  Value tables(Value pixels, const Axis& down, const Axis& across) const {
    const std::int64_t channels = pixels.shape()[3], size = down.tile * across.tile;
    const Value tiles = ops::transpose(ops::reshape(pixels, {kUnknown, down.tiles, down.tile,
                                                             across.tiles, across.tile, channels}),
                                       {0, 1, 3, 5, 2, 4});
    const Value flat = ops::reshape(tiles, {kUnknown, down.tiles, across.tiles, channels, size});
    Value none = ops::zeros_like(ops::slice(flat, 4, 0, 1));
    none = none + flat.graph().constant(Tensor(flat.dtype(), {1, 1, 1, 1, kBins}));
    Value histogram =
        ops::add_taken_along_axis(ops::ones_like(flat), ops::cast(flat, DType::kInt32), none, 4);
    if (clip_limit > 0) {
      const Value limited = ops::minimum(histogram, clip_limit * double(size) / kBins);
      const Value excess = ops::sum(histogram - limited, {4}, true);
      histogram = limited + excess / double(kBins);
    }
    const Value cdf = ops::cumsum(histogram, 4);
    const Value least = ops::min(cdf, {4}, true);
    Value rest = double(size) - least;
    rest = ops::where(ops::equal(rest, 0.0), 1.0, rest);
    return ops::clip((cdf - least) * 255.0 / rest, 0, 255);
  }

  Value equalized(Value images) const {
    const Axis down(images, 1, tile_grid_size[0]), across(images, 2, tile_grid_size[1]);
    const std::int64_t channels = ops::known_extent(images, 3);
    const Value whole = ops::pick(ops::pick(images, 1, down.mirrored()), 2, across.mirrored());
    const Value pixels = ops::floor(ops::clip(whole, 0, 255));
    Value table = tables(pixels, down, across);
    for (const auto& [axis, tiles] : {std::pair(1, down.tiles), std::pair(2, across.tiles)})
      table = ops::concatenate(
          {ops::slice(table, axis, 0, 1), table, ops::slice(table, axis, tiles - 1, tiles)}, axis);
    const std::int64_t size = (down.tiles + 2) * (across.tiles + 2) * channels * kBins;
    table = ops::reshape(table, {kUnknown, size});

    const std::int64_t height = down.padded(), width = across.padded();
    const DType wide = size < (1 << 24) ? pixels.dtype() : DType::kFloat64;  // whole numbers
    // What the tile `south` and `east` of a pixel's makes of it.
    const auto corner = [&](std::int64_t south, std::int64_t east) {
      Tensor first(DType::kFloat64, {1, height, width, channels});
      double* at = first.data<double>();
      for (std::int64_t i = 0; i < height; ++i)
        for (std::int64_t j = 0; j < width; ++j)
          for (std::int64_t c = 0; c < channels; ++c) {
            const std::int64_t tile =
                std::clamp<std::int64_t>(down.before(i) + south, 0, down.tiles + 1) *
                    (across.tiles + 2) +
                std::clamp<std::int64_t>(across.before(j) + east, 0, across.tiles + 1);
            *at++ = double((tile * channels + c) * kBins);
          }
      const Value places = ops::cast(
          ops::cast(pixels, wide) + pixels.graph().constant(first.as(wide)), DType::kInt32);
      return ops::reshape(
          ops::take_along_axis(table, ops::reshape(places, {kUnknown, height * width * channels}),
                               1),
          {kUnknown, height, width, channels});
    };
    Tensor south(DType::kFloat32, {1, height, 1, 1}), east(DType::kFloat32, {1, 1, width, 1});
    for (std::int64_t i = 0; i < height; ++i) south.data<float>()[i] = down.share(i);
    for (std::int64_t j = 0; j < width; ++j) east.data<float>()[j] = across.share(j);
    const Value v = pixels.graph().constant(south.as(table.dtype()));
    const Value u = pixels.graph().constant(east.as(table.dtype()));
    const Value top = corner(0, 0) * (1.0 - u) + corner(0, 1) * u;
    const Value bottom = corner(1, 0) * (1.0 - u) + corner(1, 1) * u;
    const Value y = top * (1.0 - v) + bottom * v;
    return ops::slice(ops::slice(y, 1, 0, down.extent), 2, 0, across.extent);
  }
};

const ClassInfo& Clahe::describe() {
  static const ClassInfo info = [] {
    using C = Clahe;
    ClassInfo c = augmentation_info<C>("ContrastLimitedAdaptiveHistogramEqualization",
                                       "Equalizes the histograms of an image's tiles.");
    c.attributes.push_back(
        attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."));
    c.attributes.push_back(attribute<C>("clip_limit", &C::clip_limit,
                                        "What a bin may hold, in means of bins; 0: anything."));
    c.attributes.push_back(
        attribute<C>("tile_grid_size", &C::tile_grid_size, "Tiles down and across."));
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Clahe);

}  // namespace
}  // namespace keratin
