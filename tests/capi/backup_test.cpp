// BackupAndRestore: trainings ended by SIGKILL, in processes of their own, and started again.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "support.h"

namespace keratin::test {
namespace {

struct Training {
  std::int64_t epochs = 4, steps_per_epoch = 0;
  std::string optimizer = "\"adam\"";
  std::string backup = "";   // configuration of the callback; none
  std::int64_t kill_at = 0;  // the process ends itself in the end of this step, counted from 1
};

struct Result {
  std::uint64_t weights = 0;
  double loss = 0, val_loss = 0;
  std::size_t epochs = 0;
  bool operator==(const Result& other) const {
    return weights == other.weights && loss == other.loss && val_loss == other.val_loss;
  }
};

kt::Callback killer(std::int64_t steps) {
  static std::int64_t left;
  left = steps;
  kt_callback_functions functions = KT_CALLBACK_FUNCTIONS_INIT;
  functions.train_batch_end = [](void*, kt_loop*, std::int64_t, const kt_logs*) -> kt_error* {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
    return nullptr;
  };
  kt_callback* made;
  kt::check(kt_callback_from_functions(&functions, &made));
  return kt::Callback(made);
}

Result train(const Training& run, std::uint64_t seed) {
  kt_set_random_seed(seed);
  NetOptions options;
  options.optimizer = run.optimizer;
  options.metrics = "[\"accuracy\", \"mse\"]";
  options.more = {{"Dropout", "{\"rate\": 0.4}"}, {"BatchNormalization", "{}"}};
  kt::Model model = net(options);
  const kt::Tensor x = waves({60, 8}, 0.3f), y = labels(60);
  kt::FitOptions fit = fit_options(run.epochs, 8);
  fit.validation_split = 0.2;
  fit.steps_per_epoch = run.steps_per_epoch;
  if (!run.backup.empty()) fit.callback_list.emplace_back("BackupAndRestore", run.backup);
  if (run.kill_at > 0) fit.callback_list.push_back(killer(run.kill_at));
  const kt::History history = model.fit(kt::Data(x, y), std::move(fit));
  if (history.keys().empty()) return {model.weights_hash(), 0, 0, 0};
  return {model.weights_hash(), history["loss"].back(), history["val_loss"].back(),
          history["loss"].size()};
}

class Process {
 public:
  Process(const Training& run, std::uint64_t seed) {
    EXPECT_EQ(::pipe(ends_), 0);
    child_ = ::fork();
    if (child_ != 0) {
      ::close(ends_[1]);
      return;
    }
    try {
      const Result result = train(run, seed);
      ::_exit(::write(ends_[1], &result, sizeof result) == sizeof result ? 0 : 3);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "in the process: %s\n", error.what());
      ::_exit(2);
    }
  }
  ~Process() { ::close(ends_[0]); }
  Process(const Process&) = delete;

  void kill() const { ::kill(child_, SIGKILL); }
  bool is_running() const {
    siginfo_t ended{};
    return ::waitid(P_PID, id_t(child_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0;
  }
  // True if it came to its end, false if it was killed.
  bool wait(Result& result) {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    if (WIFSIGNALED(status)) {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
      return false;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return ::read(ends_[0], &result, sizeof result) == sizeof result;
  }

 private:
  int ends_[2] = {-1, -1};
  pid_t child_ = 0;
};

constexpr std::uint64_t kSeed = 9, kOther = 1234;  // what is not in the backup would show

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "backup" + std::to_string(::getpid());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string config(const std::string& more) const {
    return "{\"backup_dir\": \"" + folder_ + "\"" + more + "}";
  }
  std::string latest() const { return folder_ + "/latest.weights.h5"; }

  static Result whole(Training run) {
    run.backup.clear();
    run.kill_at = 0;
    Result result;
    EXPECT_TRUE(Process(run, kSeed).wait(result));
    return result;
  }
  static void expect_killed(const Training& run, std::uint64_t seed) {
    Result result;
    EXPECT_FALSE(Process(run, seed).wait(result));
  }
  static Result finish(Training run) {
    run.kill_at = 0;
    Result result;
    EXPECT_TRUE(Process(run, kOther).wait(result));
    return result;
  }

  std::string folder_;
};

TEST_F(Backup, KilledInTheMiddleOfAnEpoch) {
  for (const char* freq : {"\"epoch\"", "1", "3", "4"})
    for (const std::int64_t steps : {0, 4})  // with 4, passes over the data end within epochs
      for (const std::int64_t kill_at : {9, 15}) {
        SCOPED_TRACE(std::string(freq) + " " + std::to_string(steps) + " " +
                     std::to_string(kill_at));
        Training run;
        run.epochs = 5;
        run.steps_per_epoch = steps;
        run.backup = config(std::string(", \"save_freq\": ") + freq);
        const Result expected = whole(run);
        run.kill_at = kill_at;
        expect_killed(run, kSeed);
        EXPECT_TRUE(std::filesystem::exists(latest()));
        const Result resumed = finish(run);
        EXPECT_TRUE(resumed == expected) << resumed.loss << " " << expected.loss;
        EXPECT_LT(resumed.epochs, 5u);
        EXPECT_FALSE(std::filesystem::exists(folder_));  // done
      }
}

TEST_F(Backup, EveryOptimizer) {
  for (const char* optimizer :
       {"{\"class_name\": \"SGD\", \"config\": {\"momentum\": 0.9, \"learning_rate\": "
        "{\"class_name\": \"CosineDecay\", \"config\": {\"initial_learning_rate\": 0.1, "
        "\"decay_steps\": 20}}}}",
        "{\"class_name\": \"AdamW\", \"config\": {\"gradient_accumulation_steps\": 3, \"use_ema\": "
        "true, \"ema_momentum\": 0.9}}",
        "\"nadam\""}) {
    SCOPED_TRACE(optimizer);
    Training run;
    run.optimizer = optimizer;
    run.backup = config(", \"save_freq\": 2");
    const Result expected = whole(run);
    run.kill_at = 11;
    expect_killed(run, kSeed);
    run.kill_at = 4;
    expect_killed(run, kOther);  // and once more
    EXPECT_TRUE(finish(run) == expected);
  }
}

// Wherever the kill strikes, in the writing of the backup too.
TEST_F(Backup, KilledAtAnyMoment) {
  for (const char* twice : {"false", "true"}) {
    Training run;
    run.epochs = 40;
    run.backup = config(std::string(", \"save_freq\": 1, \"double_checkpoint\": ") + twice);
    const Result expected = whole(run);
    Result result;
    int kills = 0;
    bool from_start = true;
    for (unsigned wait = 20000;; wait += 3137) {
      Process process(run, from_start ? kSeed : kOther);
      // The first is let work until it has something to go on from.
      while (from_start && process.is_running() && !std::filesystem::exists(latest()))
        ::usleep(1000);
      ::usleep(wait);
      process.kill();
      if (process.wait(result)) break;
      ++kills;
      // Struck after its training, it has put the backup away.
      from_start = !std::filesystem::exists(latest());
    }
    EXPECT_GE(kills, 2);
    EXPECT_TRUE(result == expected);
  }
}

TEST_F(Backup, ADamagedBackupHasOneBefore) {
  Training run;
  run.backup = config(", \"save_freq\": 1, \"double_checkpoint\": true");
  const Result expected = whole(run);
  run.kill_at = 9;
  expect_killed(run, kSeed);
  std::filesystem::resize_file(latest(), std::filesystem::file_size(latest()) / 2);
  EXPECT_TRUE(finish(run) == expected);
}

TEST_F(Backup, ADamagedBackupIsAnError) {
  std::filesystem::create_directory(folder_);
  std::ofstream(latest()) << "nothing of the kind";
  Training run;
  run.backup = config("");
  try {
    train(run, kSeed);
    FAIL();
  } catch (const kt::Error& error) {
    EXPECT_NE(std::string(error.what()).find("latest.weights.h5"), std::string::npos);
  }
}

TEST_F(Backup, KeptWhereAsked) {
  Training run;
  run.backup = config(", \"delete_checkpoint\": false");
  const Result first = train(run, kSeed);
  EXPECT_EQ(first.epochs, 4u);
  EXPECT_TRUE(std::filesystem::exists(latest()));
  const Result again = train(run, kOther);  // nothing is left to do
  EXPECT_EQ(again.weights, first.weights);
  EXPECT_EQ(again.epochs, 0u);
}

TEST_F(Backup, Arguments) {
  for (const char* config :
       {"{}", "{\"backup_dir\": \"\"}", "{\"backup_dir\": \"b\", \"save_freq\": \"batch\"}",
        "{\"backup_dir\": \"b\", \"save_freq\": 0}"}) {
    kt_callback* callback = nullptr;
    EXPECT_EQ(code_of(kt_callback_create("BackupAndRestore", config, &callback)),
              KT_ERROR_INVALID_ARGUMENT)
        << config;
  }
}

}  // namespace
}  // namespace keratin::test
