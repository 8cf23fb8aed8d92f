#include "training/prefetch.h"

#include <atomic>
#include <chrono>
#include <stdexcept>

#include "expect_error.h"

namespace keratin {
namespace {

// `count` batches a pass, whose only number is theirs, counted over all passes.
struct Counting : BatchSource {
  int count, in_pass = 0;
  int fails_at = -1;
  bool restarts = true;
  std::atomic<int> asked{0};
  explicit Counting(int n) : count(n) {}
  void restart() override {
    if (restarts) in_pass = 0;
  }
  bool next(Dataset& batch) override {
    ++asked;
    if (in_pass == fails_at) fail(Code::kCallback, "the source is broken");
    if (in_pass == count) {
      if (!restarts) in_pass = 0;
      return false;
    }
    batch.x = {Tensor::of<float>({1}, {float(in_pass++)})};
    return true;
  }
};

std::vector<int> pass(BatchSource& source) {
  source.restart();
  std::vector<int> seen;
  for (Dataset batch; source.next(batch);) seen.push_back(int(batch.x[0].data<float>()[0]));
  return seen;
}

TEST(Prefetch, GivesTheSourcesBatchesInOrder) {
  const std::vector<int> all = {0, 1, 2, 3, 4, 5, 6};
  for (const int depth : {1, 2, 3, 100}) {
    Counting source(7);
    Prefetch ahead(source, depth, true);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(pass(ahead), all) << depth;
  }
}

TEST(Prefetch, AsksForNoMoreThanItsDepth) {
  Counting source(100);
  Prefetch ahead(source, 3, true);
  EXPECT_EQ(source.asked, 0);
  ahead.restart();
  Dataset batch;
  ASSERT_TRUE(ahead.next(batch));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(source.asked, 4);  // one was taken, three wait
}

TEST(Prefetch, ARestartBeginsAnew) {
  for (int i = 0; i < 200; ++i) {
    Counting source(5);
    Prefetch ahead(source, 1 + i % 4, true);
    ahead.restart();
    Dataset batch;
    for (int k = 0; k < i % 6; ++k) ahead.next(batch);
    EXPECT_EQ(pass(ahead), (std::vector<int>{0, 1, 2, 3, 4}));
  }
}

TEST(Prefetch, ASourceThatGoesOnLosesNothing) {
  Counting source(1000);
  source.restarts = false;
  Prefetch ahead(source, 4, false);
  int expected = 0;
  for (int epoch = 0; epoch < 100; ++epoch) {
    ahead.restart();
    Dataset batch;
    for (int k = 0; k < 10; ++k) {
      ASSERT_TRUE(ahead.next(batch));
      EXPECT_EQ(int(batch.x[0].data<float>()[0]), expected++);
    }
  }
}

TEST(Prefetch, ErrorsComeAfterTheBatchesBeforeThem) {
  Counting source(5);
  source.fails_at = 2;
  Prefetch ahead(source, 8, true);
  for (int i = 0; i < 20; ++i) {
    ahead.restart();
    Dataset batch;
    EXPECT_TRUE(ahead.next(batch));
    EXPECT_TRUE(ahead.next(batch));
    EXPECT_ERROR(ahead.next(batch), Code::kCallback, "broken");
    EXPECT_FALSE(ahead.next(batch));
  }
}

TEST(Prefetch, EndsAtAnyTime) {
  for (int i = 0; i < 300; ++i) {
    Counting source(3);
    Prefetch ahead(source, 2, true);
    if (i % 3) ahead.restart();
    Dataset batch;
    if (i % 3 == 2) ahead.next(batch);
  }
  Counting source(3);
  EXPECT_ERROR(Prefetch(source, 0, true), Code::kInvalidArgument, "prefetch");
}

}  // namespace
}  // namespace keratin
