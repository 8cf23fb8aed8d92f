#include "graph/arena.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace keratin {
namespace {

void expect_apart(const std::vector<ArenaBlock>& blocks, std::size_t size) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(blocks[i].offset % 64, 0u);
    EXPECT_LE(blocks[i].offset + blocks[i].bytes, size);
    for (std::size_t j = 0; j < i; ++j) {
      const ArenaBlock &a = blocks[i], &b = blocks[j];
      const bool together = a.first <= b.last && b.first <= a.last;
      const bool overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      EXPECT_FALSE(together && overlap) << i << " and " << j;
    }
  }
}

TEST(Arena, BlocksThatLiveOneAfterAnotherShareMemory) {
  std::vector<ArenaBlock> blocks{{640, 0, 1, 0}, {640, 2, 3, 0}, {64, 0, 3, 0}};
  EXPECT_EQ(place_blocks(blocks), 704u);
  expect_apart(blocks, 704);
}

TEST(Arena, TakesTheTightestGap) {
  // Placed by size: 1000, then 500 beside it, then 400 where the 500 is not alive.
  std::vector<ArenaBlock> blocks{{1024, 0, 9, 0}, {512, 0, 4, 0}, {448, 5, 9, 0}};
  EXPECT_EQ(place_blocks(blocks), 1536u);
}

TEST(Arena, AnyBlocksAreApart) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<ArenaBlock> blocks;
    const auto count = random.below(40);
    for (std::int64_t i = 0; i < count; ++i) {
      const int first = static_cast<int>(random.below(30));
      blocks.push_back({static_cast<std::size_t>(random.below(500)), first,
                        first + static_cast<int>(random.below(8)), 0});
    }
    const std::size_t size = place_blocks(blocks);
    expect_apart(blocks, size);
  }
}

TEST(Arena, NothingNeedsNothing) {
  std::vector<ArenaBlock> none;
  EXPECT_EQ(place_blocks(none), 0u);
}

}  // namespace
}  // namespace keratin
