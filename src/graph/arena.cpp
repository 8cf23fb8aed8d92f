#include "graph/arena.h"

#include <algorithm>
#include <numeric>

namespace keratin {

std::size_t place_blocks(std::vector<ArenaBlock>& blocks) {
  constexpr std::size_t kAlign = 64;
  const auto padded = [](const ArenaBlock& block) {
    return (block.bytes + kAlign - 1) / kAlign * kAlign;
  };
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  std::vector<const ArenaBlock*> placed;  // by offset
  std::size_t total = 0;
  for (const std::size_t i : order) {
    ArenaBlock& block = blocks[i];
    std::size_t offset = 0, best = 0, best_gap = 0;
    bool found = false;
    for (const ArenaBlock* other : placed) {
      if (other->last < block.first || block.last < other->first) continue;
      if (other->offset >= offset + padded(block)) {
        const std::size_t gap = other->offset - offset;
        if (!found || gap < best_gap) best = offset, best_gap = gap, found = true;
      }
      offset = std::max(offset, other->offset + padded(*other));
    }
    block.offset = found ? best : offset;
    total = std::max(total, block.offset + padded(block));
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &block,
                                   [](const ArenaBlock* a, const ArenaBlock* b) {
                                     return a->offset < b->offset;
                                   }),
                  &block);
  }
  return total;
}

}  // namespace keratin
