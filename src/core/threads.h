// The library's own worker threads. Work is cut into pieces whose number and borders depend on the
// work alone, never on the number of threads, so that results are the same bits for any number.
#pragma once

#include <cstdint>
#include <type_traits>

namespace keratin {

// Number of threads the library may use, the caller's included. Default: KERATIN_NUM_THREADS, else
// the number of processors this process may run on.
int num_threads();

// Sets it (1 .. 256; throws kInvalidArgument). Takes effect with the next piece of work.
void set_num_threads(int count);

// While one lives, its thread works alone: parallel_for runs all pieces itself and asks for no
// lock, and what takes one (OpenBLAS) is not there. For callers who must not wait; plans
// must be made and run under the same rule.
class Alone {
 public:
  Alone();
  ~Alone();
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;

 private:
  bool before_;
};
bool is_alone();

namespace detail {
using PieceFn = void (*)(void* context, std::int64_t piece);
void run_pieces(std::int64_t pieces, PieceFn fn, void* context);
}  // namespace detail

// Calls fn(0) ... fn(pieces - 1), each once, on any of the threads, and returns when all are done.
// Allocates nothing after the workers exist. Several callers may do so at once: the one that finds
// the workers busy runs its pieces itself, as does a piece that calls parallel_for again. fn must
// not throw.
template <class Fn>
void parallel_for(std::int64_t pieces, Fn&& fn) {
  if (pieces == 1) return fn(std::int64_t{0});
  using F = std::remove_reference_t<Fn>;
  detail::run_pieces(
      pieces, [](void* context, std::int64_t piece) { (*static_cast<F*>(context))(piece); },
      const_cast<std::remove_const_t<F>*>(&fn));
}

}  // namespace keratin
