// What a host may do around the library: fork, threads, thousands of models, other OpenBLAS users.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>
#include <utility>

#include "support.h"

namespace keratin::test {
namespace {

TEST(Guest, TrainsInParentAndChildAfterFork) {
  kt::check(kt_set_num_threads(2));
  kt_set_random_seed(3);
  NetOptions options;
  options.input = 256;
  options.hidden = 300;
  kt::Model model = net(options);
  const kt::Tensor x = waves({256, 256}, 0.3f), y = labels(256);
  const kt::Data data(x, y);
  model.fit(data, fit_options(2, 64));

  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  kt::FitOptions more = fit_options(4, 64);
  more.initial_epoch = 2;
  more.shuffle = 0;
  model.fit(data, std::move(more));
  const std::uint64_t hash = model.weights_hash();
  if (child == 0) {
    const bool written = write(channel[1], &hash, sizeof hash) == sizeof hash;
    _exit(written ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  std::uint64_t of_child = 0;
  ASSERT_EQ(read(channel[0], &of_child, sizeof of_child), ssize_t(sizeof of_child));
  EXPECT_EQ(of_child, hash);
}

TEST(Guest, PredictsFromFourThreads) {
  const kt::Model model = net();
  const kt::Tensor x = waves({500, 8}, 0.2f);
  const kt::Tensor wanted = model.predict(x);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const kt::Tensor got = model.predict(x, 7 + 10 * t);
        for (std::int64_t k = 0; k < got.size(); ++k)
          wrong += std::abs(got.data<float>()[k] - wanted.data<float>()[k]) > 1e-6f;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Guest, TwoTrainersOfOneModelAreAnError) {
  kt::Model model = net();
  const kt::Tensor x = waves({64, 8}, 0.2f), y = labels(64);
  const kt::Data data(x, y);
  kt_code seen = KT_OK, predicting = KT_OK;
  kt::FitOptions options = fit_options(1, 64);
  options.callback_list.push_back(
      kt::Callback::at_epoch_end([&](kt_loop*, std::int64_t, const kt::Logs&) {
        std::thread other([&] {
          const kt_data arrays = data.get();
          seen = code_of(kt_model_fit(model.get(), &arrays, nullptr, nullptr));
          kt_tensor* const inputs[] = {x.get()};
          kt_tensor* output = nullptr;
          predicting = code_of(kt_model_predict(model.get(), inputs, 1, nullptr, &output, 1));
        });
        other.join();
      }));
  model.fit(data, std::move(options));
  EXPECT_EQ(seen, KT_ERROR_STATE);
  EXPECT_EQ(predicting, KT_ERROR_STATE);
}

TEST(Guest, LookingAtAModelThatAnotherThreadTrainsIsAnError) {
  kt::Model model = net();
  const kt::Tensor x = waves({64, 8}, 0.2f), y = labels(64);
  const kt::Data data(x, y);
  const kt::Layer dense(std::move(model.layers()[0]));
  kt_model* const m = model.get();
  kt_layer* const l = dense.get();
  kt_layer* layer = nullptr;
  kt_model* clone = nullptr;
  kt_symbolic* symbolic = nullptr;
  kt_tensor* tensor = nullptr;
  char* text = nullptr;
  std::int64_t count = 0;
  std::uint64_t hash = 0;
  double rate = 0;
  const std::string path = testing::TempDir() + "keratin_looking.keras";
  const std::string path_of_weight = dense.name() + "/kernel";
  const std::vector<std::pair<const char*, std::function<kt_error*()>>> looks = {
      {"config", [&] { return kt_layer_config(l, &text); }},
      {"weight_path", [&] { return kt_layer_weight_path(l, 0, &text); }},
      {"weight", [&] { return kt_layer_weight(l, 0, &tensor); }},
      {"to_json", [&] { return kt_model_to_json(m, &text); }},
      {"compile_config", [&] { return kt_model_compile_config(m, &text); }},
      {"summary", [&] { return kt_model_summary(m, 0, &text); }},
      {"input", [&] { return kt_model_input(m, 0, &symbolic); }},
      {"output", [&] { return kt_model_output(m, 0, &symbolic); }},
      {"layer", [&] { return kt_model_layer(m, 0, &layer); }},
      {"layer_named", [&] { return kt_model_layer_named(m, kt_layer_name(l), &layer); }},
      {"model_weight", [&] { return kt_model_weight(m, path_of_weight.c_str(), &tensor); }},
      {"clone", [&] { return kt_model_clone(m, &clone); }},
      {"count_params", [&] { return kt_model_count_params(m, &count); }},
      {"weights_hash", [&] { return kt_model_weights_hash(m, &hash); }},
      {"learning_rate", [&] { return kt_model_learning_rate(m, &rate); }},
      {"iterations", [&] { return kt_model_iterations(m, &count); }},
      {"save", [&] { return kt_model_save(m, path.c_str()); }},
  };
  const auto look = [&](kt_code wanted) {
    for (const auto& [name, fn] : looks) {
      EXPECT_EQ(code_of(fn()), wanted) << name;
      kt_layer_free(std::exchange(layer, nullptr));
      kt_model_free(std::exchange(clone, nullptr));
      kt_symbolic_free(std::exchange(symbolic, nullptr));
      kt_tensor_free(std::exchange(tensor, nullptr));
      kt_string_free(std::exchange(text, nullptr));
    }
  };
  kt::FitOptions options = fit_options(1, 64);
  options.callback_list.push_back(
      kt::Callback::at_epoch_end([&](kt_loop*, std::int64_t, const kt::Logs&) {
        std::thread([&] { look(KT_ERROR_STATE); }).join();
        look(KT_OK);
      }));
  model.fit(data, std::move(options));
  std::thread([&] { look(KT_OK); }).join();
  std::remove(path.c_str());
}

TEST(Guest, ModelsInManyThreads) {
  const kt::Tensor x = waves({40, 8}, 0.2f), y = labels(40);
  std::vector<std::thread> threads;
  std::atomic<int> trained{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        kt::Model model = net();
        model.fit(kt::Data(x, y), fit_options(2, 8));
        ++trained;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(trained, 20);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
long resident_kib() {
  long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file || std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file) std::fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

TEST(Guest, ThreeThousandModelsLeaveNothing) {
  const kt::Tensor x = waves({20, 8}, 0.2f), y = labels(20);
  long after_some = 0;
  for (int i = 0; i < 3000; ++i) {
    kt::Model model = net();
    model.fit(kt::Data(x, y), fit_options(1, 10));
    model.predict(x);
    if (i == 500) after_some = resident_kib();
  }
  EXPECT_LT(resident_kib() - after_some, 1024);
}
#endif

}  // namespace
}  // namespace keratin::test
