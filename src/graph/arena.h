// Places blocks of memory that live for a while so that those alive at once do not overlap.
#pragma once

#include <cstddef>
#include <vector>

namespace keratin {

struct ArenaBlock {
  std::size_t bytes;
  int first, last;  // alive from step `first` to step `last`, both included
  std::size_t offset;
};

// Sets the offsets, each a multiple of 64; returns the size of the arena. Greedy by size (Pisarchyk
// & Lee 2020, "Efficient memory management for deep neural net inference", greedy by size for
// offset calculation).
std::size_t place_blocks(std::vector<ArenaBlock>& blocks);

}  // namespace keratin
