// keratin_memory [--remat MODE] [WORKLOAD|MODEL.keras ...]
//
// What a training step needs of memory and what it takes, as a table in MiB:
//   weights, optimizer  the variables
//   gradients           one for each trained weight, until the optimizer takes them
//   live                the results between them that are needed at once, where these are most
//   arena               the memory in which these lie, scratch of the kernels included
//   ratio               all that is taken to all that is needed: no layout has less than 1
#include <cstdio>
#include <cstring>
#include <random>

#include "capi/handles.h"
#include "graph/plan.h"
#include "model/compile.h"
#include "workloads.h"

namespace {

using namespace keratin;

std::size_t bytes_of(const std::vector<VariablePtr>& variables) {
  std::size_t bytes = 0;
  for (const VariablePtr& variable : variables) bytes += variable->value.bytes();
  return bytes;
}

Spec spec_of(const kt::Tensor& tensor) {
  Spec spec{tensor.get()->tensor.dtype(), tensor.get()->tensor.shape()};
  spec.shape[0] = kUnknown;
  return spec;
}

void print_row(const std::string& name, std::int64_t batch, kt::Model& handle) {
  std::mt19937 random(0);
  const auto x = bench::random_inputs(handle, batch, random);
  const auto y = bench::random_targets(handle, batch, random);
  kt::FitOptions options;
  options.batch_size = batch;
  handle.fit(kt::Data(x, y), std::move(options));  // builds what training needs

  Model& model = *handle.get()->model;
  std::vector<Spec> inputs, targets;
  for (const kt::Tensor& tensor : x) inputs.push_back(spec_of(tensor));
  for (const kt::Tensor& tensor : y) targets.push_back(spec_of(tensor));
  const StepGraph step = make_step(model, inputs, targets, {}, true);
  const Plan plan(*step.graph, batch, Plan::Variables::kShared, 1);

  std::vector<VariablePtr> weights;
  for (const Weight& weight : model.weights()) weights.push_back(weight.variable);
  const std::size_t variables =
      bytes_of(weights) + bytes_of(model.compiled->optimizer->variables());
  const std::size_t gradients = bytes_of(step.weights);
  const auto mib = [](std::size_t bytes) { return static_cast<double>(bytes) / (1024 * 1024); };
  std::printf("| %s | %lld | %.2f | %.2f | %.2f | %.2f | %.2f |\n", name.c_str(),
              static_cast<long long>(batch), mib(variables), mib(gradients), mib(plan.live_bytes()),
              mib(plan.arena_bytes()),
              mib(variables + gradients + plan.arena_bytes()) /
                  mib(variables + gradients + plan.live_bytes()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> names(argv + 1, argv + argc);
    if (names.size() >= 2 && names[0] == "--remat") {
      kt::check(kt_set_remat(names[1].c_str(), 1024, nullptr, 0));
      names.erase(names.begin(), names.begin() + 2);
    }
    if (names.empty()) names = bench::workload_names();
    std::printf("| workload | batch | weights, optimizer | gradients | live | arena | ratio |\n");
    std::printf("|---|---|---|---|---|---|---|\n");
    for (const std::string& name : names) {
      bench::Workload work = bench::workload_of(name);
      print_row(name, work.batch, work.model);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "keratin_memory: %s\n", error.what());
    return 1;
  }
}
