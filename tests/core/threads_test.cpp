#include "core/threads.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "core/error.h"

namespace keratin {
namespace {

class Threads : public testing::Test {
 protected:
  void SetUp() override { before_ = num_threads(); }
  void TearDown() override { set_num_threads(before_); }
  int before_ = 1;
};

// True if each of the pieces ran once.
bool each_once(std::int64_t pieces) {
  std::vector<std::atomic<int>> runs(std::size_t(pieces) + 1);
  parallel_for(pieces, [&](std::int64_t i) { runs[std::size_t(i)].fetch_add(1); });
  for (std::int64_t i = 0; i < pieces; ++i)
    if (runs[std::size_t(i)] != 1) return false;
  return runs[std::size_t(pieces)] == 0;
}

// Exit status of a child that runs `fn` and then exit(0); 255 if it died or took over 20 seconds.
int in_child(const std::function<void()>& fn) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    fn();
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 255;
  return WEXITSTATUS(status);
}

int system_threads() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

TEST_F(Threads, EveryPieceRunsOnce) {
  for (int threads : {1, 2, 3, 7}) {
    set_num_threads(threads);
    EXPECT_EQ(num_threads(), threads);
    for (std::int64_t pieces : {0, 1, 2, 3, 5, 64, 1000}) {
      for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(each_once(pieces)) << threads << " threads, " << pieces << " pieces";
      }
    }
  }
}

TEST_F(Threads, WorkersTakePart) {
  set_num_threads(2);
  // Each piece waits for the other: done only if two threads are at it at once.
  std::atomic<int> here{0};
  parallel_for(2, [&](std::int64_t) {
    here.fetch_add(1);
    while (here.load() < 2) std::this_thread::yield();
  });
  EXPECT_EQ(here, 2);
}

TEST_F(Threads, OneThreadIsThePlainLoopInOrder) {
  set_num_threads(1);
  std::vector<std::int64_t> seen;
  parallel_for(100, [&](std::int64_t i) { seen.push_back(i); });
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(seen[std::size_t(i)], i);
}

TEST_F(Threads, WritesAreSeenByTheCaller) {
  set_num_threads(3);
  std::vector<int> values(64);
  for (int round = 1; round < 2000; ++round) {
    parallel_for(64, [&](std::int64_t i) { values[std::size_t(i)] += 1; });
    for (int v : values) ASSERT_EQ(v, round);
  }
}

TEST_F(Threads, ReachesSleepingWorkers) {
  set_num_threads(3);
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(each_once(6));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

TEST_F(Threads, NestedCallsRunInPlace) {
  set_num_threads(3);
  std::atomic<int> sum{0};
  parallel_for(10,
               [&](std::int64_t) { parallel_for(10, [&](std::int64_t) { sum.fetch_add(1); }); });
  EXPECT_EQ(sum, 100);
}

TEST_F(Threads, ManyCallersAtOnce) {
  set_num_threads(3);
  std::atomic<int> failures{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) failures += !each_once(17);
    });
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(Threads, TheNumberMayChangeWhileOthersWork) {
  std::atomic<int> failures{0};
  std::thread caller([&] {
    for (int round = 0; round < 500; ++round) failures += !each_once(9);
  });
  for (int round = 0; round < 200; ++round) set_num_threads(1 + round % 4);
  caller.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(Threads, RejectsOtherNumbers) {
  for (int count : {0, -1, 257}) {
    try {
      set_num_threads(count);
      FAIL() << count;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("1 to 256"), std::string::npos) << error.what();
    }
  }
}

TEST_F(Threads, WorkersBlockAllSignals) {
  set_num_threads(2);
  std::atomic<int> here{0}, blocked{0};
  const pthread_t caller = pthread_self();
  parallel_for(2, [&](std::int64_t) {
    here.fetch_add(1);
    while (here.load() < 2) std::this_thread::yield();
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    if (!pthread_equal(pthread_self(), caller))
      blocked =
          sigismember(&mask, SIGTERM) + sigismember(&mask, SIGCHLD) + sigismember(&mask, SIGINT);
  });
  EXPECT_EQ(blocked, 3);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_FALSE(sigismember(&mask, SIGTERM));
}

TEST_F(Threads, WorkAfterForkInParentAndChild) {
  set_num_threads(3);
  ASSERT_TRUE(each_once(50));
  EXPECT_EQ(in_child([] {
              EXPECT_EQ(system_threads(), 1);
              for (int round = 0; round < 100; ++round) ASSERT_TRUE(each_once(50));
              EXPECT_EQ(system_threads(), 3);
              EXPECT_EQ(in_child([] { ASSERT_TRUE(each_once(50)); }), 0);
            }),
            0);
  EXPECT_TRUE(each_once(50));
}

TEST_F(Threads, ForkWhileAnotherThreadWorks) {
  set_num_threads(3);
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
      std::atomic<int> sum{0};
      parallel_for(100, [&](std::int64_t i) { sum.fetch_add(int(i)); });
    }
  });
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(in_child([] {
                std::atomic<int> sum{0};
                parallel_for(100, [&](std::int64_t i) { sum.fetch_add(int(i)); });
                _exit(sum == 4950 ? 0 : 1);
              }),
              0);
  }
  stop = true;
  other.join();
}

TEST_F(Threads, ExitWhileOthersWork) {
  for (int round = 0; round < 10; ++round) {
    // exit() runs in a thread other than the working one, in the middle of its work.
    EXPECT_EQ(in_child([] {
                set_num_threads(3);
                std::atomic<bool> begun{false};
                std::thread([&] {
                  while (!begun) std::this_thread::yield();
                  std::exit(0);
                }).detach();
                for (;;) parallel_for(100, [&](std::int64_t) { begun = true; });
              }),
              0);
  }
}

TEST_F(Threads, TheEnvironmentSetsTheNumber) {
  // The number is read once a process: ask a new one.
  auto count_in = [](const char* value) {
    const std::string command = std::string("KERATIN_NUM_THREADS='") + value + "' /proc/" +
                                std::to_string(getpid()) +
                                "/exe --gtest_also_run_disabled_tests "
                                "--gtest_filter=Threads.DISABLED_PrintNumber";
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    char line[256];
    while (fgets(line, sizeof line, pipe) != nullptr) text += line;
    pclose(pipe);
    const std::size_t at = text.find("number: ");
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + 8));
  };
  EXPECT_EQ(count_in("5"), 5);
  EXPECT_EQ(count_in("1000"), 256);
  const int fallback = count_in("");
  EXPECT_GE(fallback, 1);
  for (const char* nonsense : {"0", "-3", "2x", "two"}) EXPECT_EQ(count_in(nonsense), fallback);
}

TEST_F(Threads, DISABLED_PrintNumber) { printf("number: %d\n", num_threads()); }

}  // namespace
}  // namespace keratin
