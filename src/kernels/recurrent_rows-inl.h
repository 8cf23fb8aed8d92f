// The steps of recurrent layers, once for vectors and once for plain numbers: M has the type T, and
// `each(count, step)` that calls step(m, i) for a part of 0 .. count-1 from i on; m does arithmetic
// on such parts.
// Included once for each instruction set.
#if defined(KERATIN_KERNELS_RECURRENT_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KERATIN_KERNELS_RECURRENT_ROWS_INL_H_
#undef KERATIN_KERNELS_RECURRENT_ROWS_INL_H_
#else
#define KERATIN_KERNELS_RECURRENT_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "kernels/recurrent_rows.h"

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {  // NOLINT(google-build-namespaces): compiled once for each instruction set

// Not inline: there are many calls, beside whose arithmetic the way there is short.
template <class M, class V>
HWY_NOINLINE V activated(M m, RecurrentFn fn, V x) {
  switch (fn) {
    case RecurrentFn::kLinear:
      return x;
    case RecurrentFn::kTanh:
      return m.tanh(x);
    case RecurrentFn::kSigmoid:
      return m.sigmoid(x);
    case RecurrentFn::kHardSigmoid:
      return m.clamp(m.add_product(m.set(0.5), x, m.set(1.0 / 6.0)));
    case RecurrentFn::kRelu:
      return m.positive(x);
  }
  return x;
}

// d times the derivative, which each of these functions shows in its value y.
template <class M, class V>
HWY_NOINLINE V backward(M m, RecurrentFn fn, V y, V d) {
  switch (fn) {
    case RecurrentFn::kLinear:
      return d;
    case RecurrentFn::kTanh:
      return m.mul(d, m.sub(m.set(1), m.mul(y, y)));
    case RecurrentFn::kSigmoid:
      return m.mul(d, m.mul(y, m.sub(m.set(1), y)));
    case RecurrentFn::kHardSigmoid:
      return m.mul(m.where_inside(y, d), m.set(1.0 / 6.0));
    case RecurrentFn::kRelu:
      return m.where_positive(y, d);
  }
  return d;
}

template <class T>
HWY_INLINE bool is_masked(const T* mask, std::int64_t place) {
  return mask != nullptr && mask[place] == T{0};
}

// Calls fn(row) for rows that count; of others the state stays.
template <class T, class Fn>
HWY_INLINE void for_rows(const StepRows<T>& s, const Fn& fn) {
  for (std::int64_t r = 0; r < s.rows; ++r) {
    if (!is_masked(s.mask, r * s.mask_row)) {
      fn(r);
      continue;
    }
    std::copy_n(s.h_before + r * s.h_before_row, s.units, s.h + r * s.h_row);
    if (s.c != s.c_before) std::copy_n(s.c_before + r * s.c_before_row, s.units, s.c + r * s.c_row);
  }
}

template <class M>
void simple(const StepRows<typename M::T>& s) {
  for_rows(s, [&](std::int64_t r) {
    const auto* x = s.x + r * s.x_row;
    auto* h = s.h + r * s.h_row;
    M::each(s.units, [&](auto m, std::int64_t i) {
      m.store(activated(m, s.activation, m.add(m.load(x + i), m.load(h + i))), h + i);
    });
  });
}

template <class M>
void lstm(const StepRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_rows(s, [&](std::int64_t r) {
    const auto *x = s.x + r * s.x_row, *c_before = s.c_before + r * s.c_before_row;
    auto *kept = s.kept + r * s.kept_row, *h = s.h + r * s.h_row, *c = s.c + r * s.c_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto z = [&](std::int64_t k) {
        return m.add(m.load(x + k * n + j), m.load(kept + k * n + j));
      };
      const auto i = activated(m, s.gate, z(0)), f = activated(m, s.gate, z(1)),
                 g = activated(m, s.activation, z(2)), o = activated(m, s.gate, z(3));
      const auto memory = m.add_product(m.mul(i, g), f, m.load(c_before + j));
      m.store(i, kept + j);
      m.store(f, kept + n + j);
      m.store(g, kept + 2 * n + j);
      m.store(o, kept + 3 * n + j);
      m.store(memory, c + j);
      m.store(m.mul(o, activated(m, s.activation, memory)), h + j);
    });
  });
}

// kept becomes z, r, m of g, g.
template <class M>
void gru(const StepRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_rows(s, [&](std::int64_t row) {
    const auto *x = s.x + row * s.x_row, *h_before = s.h_before + row * s.h_before_row;
    auto *kept = s.kept + row * s.kept_row, *h = s.h + row * s.h_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto inner = [&](std::int64_t k) {
        const auto product = m.load(kept + k * n + j);
        return s.bias == nullptr ? product : m.add(product, m.load(s.bias + k * n + j));
      };
      const auto z = activated(m, s.gate, m.add(m.load(x + j), inner(0)));
      const auto r = activated(m, s.gate, m.add(m.load(x + n + j), inner(1)));
      const auto mg = inner(2);
      const auto g = activated(m, s.activation, m.add_product(m.load(x + 2 * n + j), r, mg));
      m.store(z, kept + j);
      m.store(r, kept + n + j);
      m.store(mg, kept + 2 * n + j);
      m.store(g, kept + 3 * n + j);
      m.store(m.add_product(g, z, m.sub(m.load(h_before + j), g)), h + j);
    });
  });
}

template <class M>
void gru_before_reset(const StepRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for (std::int64_t row = 0; row < s.rows; ++row) {
    const auto *x = s.x + row * s.x_row, *h_before = s.h_before + row * s.h_before_row;
    auto *kept = s.kept + row * s.kept_row, *reset = s.reset + row * n;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto z = activated(m, s.gate, m.add(m.load(x + j), m.load(kept + j)));
      const auto r = activated(m, s.gate, m.add(m.load(x + n + j), m.load(kept + n + j)));
      m.store(z, kept + j);
      m.store(r, kept + n + j);
      m.store(m.mul(r, m.load(h_before + j)), reset + j);
    });
  }
}

template <class M>
void gru_before(const StepRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_rows(s, [&](std::int64_t row) {
    const auto *x = s.x + row * s.x_row, *h_before = s.h_before + row * s.h_before_row;
    auto *kept = s.kept + row * s.kept_row, *h = s.h + row * s.h_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto z = m.load(kept + j);
      const auto g =
          activated(m, s.activation, m.add(m.load(x + 2 * n + j), m.load(kept + 2 * n + j)));
      m.store(g, kept + 2 * n + j);
      m.store(m.add_product(g, z, m.sub(m.load(h_before + j), g)), h + j);
    });
  });
}

// Calls fn(row) for rows that count. Of others the projection has no gradient, and that of the
// state goes on as it is.
template <class M, class T, class Fn>
HWY_INLINE void for_gradient_rows(const StepGradientRows<T>& s, std::int64_t gates, const Fn& fn) {
  for (std::int64_t r = 0; r < s.rows; ++r) {
    if (s.d_output != nullptr) {
      const T* d = s.d_output + r * s.d_output_row;
      T* dh = s.dh + r * s.units;
      M::each(s.units, [&](auto m, std::int64_t j) {
        m.store(m.add(m.load(dh + j), m.load(d + j)), dh + j);
      });
    }
    if (!is_masked(s.mask, r * s.mask_row)) {
      fn(r);
      continue;
    }
    std::fill_n(s.dx + r * s.dx_row, gates * s.units, T{0});
    if (s.dm != nullptr) std::fill_n(s.dm + r * s.dm_row, gates * s.units, T{0});
    if (s.reset != nullptr) std::fill_n(s.reset + r * s.h_row, s.units, T{0});
  }
}

template <class M>
void simple_gradient(const StepGradientRows<typename M::T>& s) {
  for_gradient_rows<M>(s, 1, [&](std::int64_t r) {
    const auto* h = s.h + r * s.h_row;
    auto *dh = s.dh + r * s.units, *dx = s.dx + r * s.dx_row;
    M::each(s.units, [&](auto m, std::int64_t j) {
      m.store(backward(m, s.activation, m.load(h + j), m.load(dh + j)), dx + j);
      m.store(m.set(0), dh + j);
    });
  });
}

template <class M>
void lstm_gradient(const StepGradientRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_gradient_rows<M>(s, 4, [&](std::int64_t row) {
    const auto *kept = s.kept + row * s.kept_row, *c = s.c + row * s.h_row,
               *c_before = s.c_before + row * s.c_before_row;
    auto *dh = s.dh + row * n, *dc = s.dc + row * n, *dx = s.dx + row * s.dx_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto i = m.load(kept + j), f = m.load(kept + n + j), g = m.load(kept + 2 * n + j),
                 o = m.load(kept + 3 * n + j), d = m.load(dh + j);
      const auto a = activated(m, s.activation, m.load(c + j));
      const auto dm = m.add(m.load(dc + j), backward(m, s.activation, a, m.mul(d, o)));
      m.store(backward(m, s.gate, i, m.mul(dm, g)), dx + j);
      m.store(backward(m, s.gate, f, m.mul(dm, m.load(c_before + j))), dx + n + j);
      m.store(backward(m, s.activation, g, m.mul(dm, i)), dx + 2 * n + j);
      m.store(backward(m, s.gate, o, m.mul(d, a)), dx + 3 * n + j);
      m.store(m.mul(dm, f), dc + j);
      m.store(m.set(0), dh + j);
    });
  });
}

template <class M>
void gru_gradient(const StepGradientRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_gradient_rows<M>(s, 3, [&](std::int64_t row) {
    const auto *kept = s.kept + row * s.kept_row, *h_before = s.h_before + row * s.h_before_row;
    auto *dh = s.dh + row * n, *dx = s.dx + row * s.dx_row, *dm = s.dm + row * s.dm_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto z = m.load(kept + j), r = m.load(kept + n + j), mg = m.load(kept + 2 * n + j),
                 g = m.load(kept + 3 * n + j), d = m.load(dh + j);
      const auto dz = backward(m, s.gate, z, m.mul(d, m.sub(m.load(h_before + j), g)));
      const auto dg = backward(m, s.activation, g, m.mul(d, m.sub(m.set(1), z)));
      const auto dr = backward(m, s.gate, r, m.mul(dg, mg));
      m.store(dz, dx + j);
      m.store(dr, dx + n + j);
      m.store(dg, dx + 2 * n + j);
      m.store(dz, dm + j);
      m.store(dr, dm + n + j);
      m.store(m.mul(dg, r), dm + 2 * n + j);
      m.store(m.mul(d, z), dh + j);
    });
  });
}

template <class M>
void gru_before_gradient(const StepGradientRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for_gradient_rows<M>(s, 3, [&](std::int64_t row) {
    const auto *kept = s.kept + row * s.kept_row, *h_before = s.h_before + row * s.h_before_row;
    auto *dh = s.dh + row * n, *dx = s.dx + row * s.dx_row, *reset = s.reset + row * s.h_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto z = m.load(kept + j), g = m.load(kept + 2 * n + j), d = m.load(dh + j),
                 before = m.load(h_before + j);
      m.store(backward(m, s.gate, z, m.mul(d, m.sub(before, g))), dx + j);
      m.store(backward(m, s.activation, g, m.mul(d, m.sub(m.set(1), z))), dx + 2 * n + j);
      m.store(m.mul(m.load(kept + n + j), before), reset + j);
      m.store(m.mul(d, z), dh + j);
    });
  });
}

template <class M>
void gru_before_reset_gradient(const StepGradientRows<typename M::T>& s) {
  const std::int64_t n = s.units;
  for (std::int64_t row = 0; row < s.rows; ++row) {
    if (is_masked(s.mask, row * s.mask_row)) continue;
    const auto *kept = s.kept + row * s.kept_row, *h_before = s.h_before + row * s.h_before_row,
               *d_reset = s.d_reset + row * n;
    auto *dh = s.dh + row * n, *dx = s.dx + row * s.dx_row;
    M::each(n, [&](auto m, std::int64_t j) {
      const auto r = m.load(kept + n + j), d = m.load(d_reset + j);
      m.store(backward(m, s.gate, r, m.mul(d, m.load(h_before + j))), dx + n + j);
      m.store(m.add_product(m.load(dh + j), d, r), dh + j);
    });
  }
}

template <class M>
RecurrentRows<typename M::T> recurrent_rows() {
  return {simple<M>,
          lstm<M>,
          gru<M>,
          gru_before_reset<M>,
          gru_before<M>,
          simple_gradient<M>,
          lstm_gradient<M>,
          gru_gradient<M>,
          gru_before_gradient<M>,
          gru_before_reset_gradient<M>};
}

}  // namespace
}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
