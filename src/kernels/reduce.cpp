#include "kernels/reduce.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/reduce_merge.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kPiece = 32 * 1024;  // elements worth giving to a thread
constexpr std::int64_t kTile = 512;         // neighbouring results held at a time

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

Reduce::Reduce(Reduction kind, DType dtype, const Shape& shape, const std::vector<bool>& reduced)
    : kind_(kind),
      dtype_(dtype),
      functions_(dtype == DType::kFloat64 ? double_reduction(kind) : float_reduction(kind)) {
  // Neighbouring axes of one fate are one axis; `all` ends as the axes from the last to the first.
  std::vector<std::pair<Axis, bool>> all;
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (reduced[i]) count_ *= shape[i];
    if (shape[i] != 1) {
      if (!all.empty() && all.back().second == reduced[i])
        all.back().first.extent *= shape[i];
      else
        all.push_back({{shape[i], stride}, reduced[i]});
    }
    stride *= shape[i];
  }
  if (!all.empty()) {
    rows_ = all.front().second;
    run_ = all.front().first.extent;
    all.erase(all.begin());
  }
  for (auto axis = all.rbegin(); axis != all.rend(); ++axis) {
    (axis->second ? reduced_ : kept_).push_back(axis->first);
    (axis->second ? positions_ : outputs_) *= axis->first.extent;
  }

  // A unit is one split of one result (rows) or of one tile of results (columns).
  tile_ = rows_ ? 1 : std::min(run_, kTile);
  tiles_ = rows_ ? 1 : divide_up(run_, std::max<std::int64_t>(tile_, 1));
  const std::int64_t work = positions_ * (rows_ ? run_ : tile_);
  const std::int64_t steps = rows_ && positions_ == 1 ? divide_up(run_, kPiece) : positions_;
  splits_ = std::max<std::int64_t>(1, std::min(steps, work / kPiece));
  units_ = outputs_ * tiles_ * splits_;
  batch_ = std::max<std::int64_t>(1, kPiece / std::max<std::int64_t>(1, work / splits_));
  if (splits_ > 1) scratch_bytes_ = static_cast<std::size_t>(units_ * tile_) * 2 * sizeof(double);
}

std::int64_t Reduce::offset(const std::vector<Axis>& axes, std::int64_t index) const {
  std::int64_t offset = 0;
  for (std::size_t i = axes.size(); i-- > 0;) {
    offset += index % axes[i].extent * axes[i].stride;
    index /= axes[i].extent;
  }
  return offset;
}

template <class T>
void Reduce::finish(T* const* out, std::int64_t at, double a, double b) const {
  const auto n = static_cast<double>(count_);
  if (kind_ == Reduction::kMoments) {
    out[0][at] = static_cast<T>(count_ ? a : a / n);
    out[1][at] = static_cast<T>(b / n);
  } else {
    out[0][at] = static_cast<T>(kind_ == Reduction::kMean ? a / n : a);
  }
}

template <class T>
void Reduce::run_piece(const T* in, T* const* out, double* partial, std::int64_t piece) const {
  double a[kTile], b[kTile];
  for (std::int64_t unit = piece * batch_; unit < std::min(units_, (piece + 1) * batch_); ++unit) {
    const std::int64_t split = unit % splits_, tile = unit / splits_ % tiles_;
    const std::int64_t output = unit / splits_ / tiles_;
    const std::int64_t column = tile * tile_, width = rows_ ? 1 : std::min(tile_, run_ - column);
    std::fill_n(a, width, reduction_start(kind_));
    std::fill_n(b, width, 0.0);
    const T* from = in + offset(kept_, output) + column;

    std::int64_t seen = 0;
    if (rows_ && positions_ == 1) {  // one long row
      const std::int64_t begin = run_ * split / splits_, end = run_ * (split + 1) / splits_;
      functions_.row(from + begin, end - begin, a[0], b[0], 0);
      seen = end - begin;
    } else {
      const std::int64_t begin = positions_ * split / splits_,
                         end = positions_ * (split + 1) / splits_;
      const Axis& inner = reduced_.empty() ? Axis{1, 0} : reduced_.back();
      for (std::int64_t at = begin; at < end;) {
        const T* place = from + offset(reduced_, at);
        if (rows_) {
          functions_.row(place, run_, a[0], b[0], seen);
          seen += run_;
          ++at;
        } else {
          const std::int64_t rows = std::min(end - at, inner.extent - at % inner.extent);
          functions_.columns(place, rows, inner.stride, width, a, b, seen);
          seen += rows;
          at += rows;
        }
      }
    }
    if (splits_ > 1) {
      double* to = partial + unit * 2 * tile_;
      std::copy_n(a, width, to);
      std::copy_n(b, width, to + tile_);
    } else {
      for (std::int64_t i = 0; i < width; ++i)
        finish(out, rows_ ? output : output * run_ + column + i, a[i], b[i]);
    }
  }
}

void Reduce::run(const void* in, void* const* out, void* scratch) const {
  const auto run_as = [&](auto* typed) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(typed)>>;
    T* to[2] = {static_cast<T*>(out[0]), nullptr};
    if (kind_ == Reduction::kMoments) to[1] = static_cast<T*>(out[1]);
    auto* partial = static_cast<double*>(scratch);
    if (units_ == 0) return;
    parallel_for(divide_up(units_, batch_),
                 [&](std::int64_t piece) { run_piece<T>(typed, to, partial, piece); });
    if (splits_ == 1) return;
    const bool row = rows_ && positions_ == 1;
    for (std::int64_t group = 0; group < units_ / splits_; ++group) {
      const std::int64_t column = group % tiles_ * tile_, output = group / tiles_;
      const std::int64_t width = rows_ ? 1 : std::min(tile_, run_ - column);
      for (std::int64_t i = 0; i < width; ++i) {
        double a = reduction_start(kind_), b = 0;
        std::int64_t seen = 0;
        for (std::int64_t split = 0; split < splits_; ++split) {
          const std::int64_t steps = row ? run_ : positions_;
          std::int64_t n = steps * (split + 1) / splits_ - steps * split / splits_;
          if (rows_ && !row) n *= run_;
          const double* from = partial + (group * splits_ + split) * 2 * tile_;
          merge(kind_, a, b, seen, from[i], from[tile_ + i], n);
          seen += n;
        }
        finish(to, rows_ ? output : output * run_ + column + i, a, b);
      }
    }
  };
  if (dtype_ == DType::kFloat64)
    run_as(static_cast<const double*>(in));
  else
    run_as(static_cast<const float*>(in));
}

}  // namespace keratin::kernels
