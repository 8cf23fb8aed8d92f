// Calls of malloc and its kin in this program, in all threads (allocation_test.cpp replaces them).
#pragma once

#include <atomic>

namespace keratin::test {

extern std::atomic<long> allocations;

template <class Fn>
long count(Fn&& fn) {
  const long before = allocations;
  fn();
  return allocations - before;
}

}  // namespace keratin::test
