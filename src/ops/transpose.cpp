#include <array>
#include <cstring>

#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

constexpr std::size_t kMaxAxes = 16;

// Output axes, outermost first, with the input's stride of each; neighbours that stay so are
// merged.
struct Layout {
  std::size_t rank = 0;
  std::array<std::int64_t, kMaxAxes> extent{}, stride{};
  std::int64_t size = 1;
};

Layout layout_of(const Shape& in, const std::vector<int>& permutation) {
  std::vector<std::int64_t> strides(in.size(), 1);
  for (std::size_t i = in.size(); i-- > 1;) strides[i - 1] = strides[i] * in[i];
  Layout layout;
  for (int p : permutation) {
    const auto i = static_cast<std::size_t>(p);
    layout.size *= in[i];
    if (in[i] == 1) continue;
    const std::size_t last = layout.rank - 1;
    if (layout.rank > 0 && layout.stride[last] == strides[i] * in[i]) {
      layout.extent[last] *= in[i];
      layout.stride[last] = strides[i];
    } else {
      if (layout.rank == kMaxAxes) fail(Code::kUnsupported, "transpose: more than 16 axes");
      layout.extent[layout.rank] = in[i];
      layout.stride[layout.rank++] = strides[i];
    }
  }
  return layout;
}

// Rows of the output: all axes but the last walk by an odometer.
template <class T>
void copy_rows(const Layout& layout, const T* from, T* to, std::int64_t begin, std::int64_t end) {
  const std::size_t last = layout.rank - 1;
  const std::int64_t width = layout.extent[last], stride = layout.stride[last];
  for (std::int64_t row = begin; row < end; ++row) {
    std::int64_t rest = row, offset = 0;
    for (std::size_t i = last; i-- > 0;) {
      offset += rest % layout.extent[i] * layout.stride[i];
      rest /= layout.extent[i];
    }
    const T* source = from + offset;
    T* target = to + row * width;
    if (stride == 1)
      std::memcpy(target, source, static_cast<std::size_t>(width) * sizeof(T));
    else
      for (std::int64_t i = 0; i < width; ++i) target[i] = source[i * stride];
  }
}

// The last two axes, of which the one before the last lies next to itself in the input, in squares
// that fit the cache.
template <class T>
void copy_squares(const T* from, T* to, std::int64_t rows, std::int64_t columns,
                  std::int64_t stride) {
  constexpr std::int64_t kSquare = 16;
  for (std::int64_t r = 0; r < rows; r += kSquare)
    for (std::int64_t c = 0; c < columns; c += kSquare)
      for (std::int64_t i = r; i < std::min(rows, r + kSquare); ++i)
        for (std::int64_t k = c; k < std::min(columns, c + kSquare); ++k)
          to[i * columns + k] = from[k * stride + i];
}

template <class T>
void transpose_elements(const Layout& layout, const T* from, T* to) {
  if (layout.size == 0) return;
  if (layout.rank <= 1) {
    std::memcpy(to, from, static_cast<std::size_t>(layout.size) * sizeof(T));
    return;
  }
  const std::size_t last = layout.rank - 1;
  const std::int64_t width = layout.extent[last];
  if (layout.stride[last - 1] == 1) {
    const std::int64_t rows = layout.extent[last - 1];
    parallel_for(layout.size / width / rows, [&](std::int64_t piece) {
      std::int64_t rest = piece, offset = 0;
      for (std::size_t i = last - 1; i-- > 0;) {
        offset += rest % layout.extent[i] * layout.stride[i];
        rest /= layout.extent[i];
      }
      copy_squares(from + offset, to + piece * rows * width, rows, width, layout.stride[last]);
    });
    return;
  }
  const std::int64_t rows = layout.size / width;
  const std::int64_t batch = std::max<std::int64_t>(1, 16 * 1024 / width);
  parallel_for((rows + batch - 1) / batch, [&](std::int64_t piece) {
    copy_rows(layout, from, to, piece * batch, std::min(rows, (piece + 1) * batch));
  });
}

class TransposeOp : public Op {
 public:
  explicit TransposeOp(std::vector<int> permutation) : permutation_(std::move(permutation)) {}
  std::string_view name() const override { return "transpose"; }

  bool by_row(const Node&) const override { return permutation_[0] == 0; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape& shape = in[0].shape;
    Spec out{in[0].dtype, {}};
    std::vector<bool> seen(shape.size(), false);
    bool good = permutation_.size() == shape.size();
    for (std::size_t i = 0; good && i < permutation_.size(); ++i) {
      const int p = permutation_[i];
      good = p >= 0 && p < static_cast<int>(shape.size()) && !seen[static_cast<std::size_t>(p)];
      if (!good) break;
      seen[static_cast<std::size_t>(p)] = true;
      out.shape.push_back(shape[static_cast<std::size_t>(p)]);
    }
    require(good, "transpose: expected each of the ", shape.size(), " axes of shape ",
            to_string(shape), " once, got (", listed(), ")");
    return {out};
  }

  std::vector<Value> gradient(const Node&, std::span<const Value> d_out) const override {
    std::vector<int> inverse(permutation_.size());
    for (std::size_t i = 0; i < permutation_.size(); ++i)
      inverse[static_cast<std::size_t>(permutation_[i])] = static_cast<int>(i);
    return {transpose(d_out[0], inverse)};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const Layout layout = layout_of(in[0].shape, permutation_);
    const auto kernel = [&](auto type) -> Kernel {
      using T = decltype(type);
      return {[layout](const Buffers& b) {
        transpose_elements(layout, b.input<T>(0), b.output<T>(0));
      }};
    };
    switch (size_of(in[0].dtype)) {
      case 1:
        return kernel(std::uint8_t{});
      case 4:
        return kernel(std::uint32_t{});
      default:
        return kernel(std::uint64_t{});
    }
  }

 private:
  std::string listed() const {
    std::string text;
    for (int p : permutation_) text += (text.empty() ? "" : ", ") + std::to_string(p);
    return text;
  }

  std::vector<int> permutation_;
};

}  // namespace

Value transpose(Value x, std::vector<int> permutation) {
  return x.graph().apply(std::make_shared<TransposeOp>(std::move(permutation)), {x})[0];
}

Value move_axes(Value x, const std::vector<int>& from, const std::vector<int>& to) {
  require(from.size() == to.size(), "axes: expected as many sources as destinations, got ",
          from.size(), " and ", to.size());
  std::vector<int> axes(x.rank(), -1);
  std::vector<bool> taken(x.rank(), false);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const int source = normalize_axis(from[i], x.rank());
    axes[std::size_t(normalize_axis(to[i], x.rank()))] = source;
    taken[std::size_t(source)] = true;
  }
  std::size_t next = 0;
  for (int& axis : axes) {
    if (axis >= 0) continue;
    while (taken[next]) ++next;
    axis = int(next++);
  }
  return transpose(x, axes);
}

}  // namespace keratin::ops
