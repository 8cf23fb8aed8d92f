// keratin_bench WORKLOAD|MODEL.keras [--batch N] [--threads N] [--seconds S] [--mode MODE] [--save
// FILE]
//
// Prints one JSON line. Modes:
//   train    microseconds a step of fit, minimum and median over blocks of steps (default); a model
//            file is trained as compiled, on random data of its shapes
//   predict  microseconds a call of predict, minimum, with batches of 1 and 256 (or N)
//   first    loads a model and gives one answer: for timing the whole process from outside
// --save writes a workload's model. --policy: the dtype policy of a workload's layers.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "workloads.h"

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string what, mode = "train", save, policy = "float32";
  std::int64_t batch = 0;
  int threads = 1;
  double seconds = 6;
};

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

double rounded(double value, double digits) { return std::round(value * digits) / digits; }

Json train(bench::Workload& work, const Arguments& arguments) {
  std::mt19937 random(0);
  const std::int64_t batch = arguments.batch ? arguments.batch : work.batch;
  const std::int64_t rows = batch * work.steps;
  const auto x = bench::random_inputs(work.model, rows, random);
  const auto y = bench::random_targets(work.model, rows, random);
  const kt::Data data(x, y);
  double loss = 0;
  const auto block = [&] {
    kt::FitOptions options;
    options.batch_size = batch;
    loss = work.model.fit(data, std::move(options))["loss"].back();
  };
  const auto start = Clock::now();
  block();
  const double first = since(start);
  block();
  std::vector<double> times;
  for (const auto begin = Clock::now(); since(begin) < arguments.seconds || times.size() < 3;) {
    const auto t = Clock::now();
    block();
    times.push_back(since(t) / static_cast<double>(work.steps) * 1e6);
  }
  std::sort(times.begin(), times.end());
  return {{"framework", "keratin"},
          {"workload", arguments.what},
          {"threads", arguments.threads},
          {"policy", arguments.policy},
          {"us_step_min", rounded(times[0], 100)},
          {"us_step_median", rounded(times[times.size() / 2], 100)},
          {"first_block_s", rounded(first, 1e4)},
          {"loss", rounded(loss, 1e4)},
          {"peak_mib", peak_mib()}};
}

void call(const kt::Model& model, const std::vector<kt::Tensor>& x, std::int64_t batch) {
  std::vector<kt_tensor*> inputs, outputs(model.output_count());
  for (const kt::Tensor& tensor : x) inputs.push_back(tensor.get());
  kt_predict_options options = KT_PREDICT_OPTIONS_INIT;
  options.batch_size = batch;
  kt::check(kt_model_predict(model.get(), inputs.data(), inputs.size(), &options, outputs.data(),
                             outputs.size()));
  for (kt_tensor* output : outputs) kt_tensor_free(output);
}

Json predict(const bench::Workload& work, const Arguments& arguments) {
  Json line{{"framework", "keratin"}, {"model", arguments.what}, {"threads", arguments.threads}};
  std::mt19937 random(0);
  std::vector<std::int64_t> batches{1, 256};
  if (arguments.batch) batches = {arguments.batch};
  for (const std::int64_t batch : batches) {
    const auto x = bench::random_inputs(work.model, batch, random);
    for (int i = 0; i < 3; ++i) call(work.model, x, batch);
    double best = 1e9;
    for (const auto begin = Clock::now(); since(begin) < arguments.seconds;) {
      const auto t = Clock::now();
      call(work.model, x, batch);
      best = std::min(best, since(t));
    }
    line["us_batch" + std::to_string(batch)] = rounded(best * 1e6, 100);
  }
  line["peak_mib"] = peak_mib();
  return line;
}

Json first_answer(const Arguments& arguments, Clock::time_point start) {
  const kt::Model model = kt::Model::load(arguments.what, false);
  std::mt19937 random(0);
  call(model, bench::random_inputs(model, 1, random), 1);
  return {{"framework", "keratin"},
          {"model", arguments.what},
          {"first_answer_s", rounded(since(start), 1e5)},
          {"peak_mib", peak_mib()}};
}

int usage() {
  std::fprintf(stderr,
               "usage: keratin_bench WORKLOAD|MODEL.keras [--batch N] [--threads N] [--seconds S]\n"
               "                     [--mode train|predict|first] [--save FILE]\n"
               "                     [--policy float32|mixed_bfloat16]\nworkloads:");
  for (const std::string& name : bench::workload_names()) std::fprintf(stderr, " %s", name.c_str());
  std::fprintf(stderr, "\n");
  return 2;
}

bool parse(int argc, char** argv, Arguments& a) {
  if (argc < 2 || argv[1][0] == '-' || argc % 2) return false;
  a.what = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const std::string key = argv[i];
    if (key == "--batch")
      a.batch = std::atoll(argv[i + 1]);
    else if (key == "--threads")
      a.threads = std::atoi(argv[i + 1]);
    else if (key == "--seconds")
      a.seconds = std::atof(argv[i + 1]);
    else if (key == "--mode")
      a.mode = argv[i + 1];
    else if (key == "--policy")
      a.policy = argv[i + 1];
    else if (key == "--save")
      a.save = argv[i + 1];
    else
      return false;
  }
  return a.mode == "train" || a.mode == "predict" || a.mode == "first";
}

}  // namespace

int main(int argc, char** argv) {
  const auto start = Clock::now();
  Arguments arguments;
  if (!parse(argc, argv, arguments)) return usage();
  try {
    kt::check(kt_set_num_threads(arguments.threads));
    kt_set_random_seed(1);
    kt::check(kt_set_dtype_policy(arguments.policy.c_str()));
    if (arguments.mode == "first") {
      std::printf("%s\n", first_answer(arguments, start).dump().c_str());
      return 0;
    }
    bench::Workload work = bench::workload_of(arguments.what);
    if (!arguments.save.empty()) work.model.save(arguments.save);
    const Json line = arguments.mode == "train" ? train(work, arguments) : predict(work, arguments);
    std::printf("%s\n", line.dump().c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "keratin_bench: %s\n", error.what());
    return 1;
  }
}
