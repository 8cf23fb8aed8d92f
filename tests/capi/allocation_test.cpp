// After the first step of each plan nothing is allocated: a loop over ten times as many batches
// makes as many allocations as one over a few. Counted in all threads, by malloc and its kin
// themselves. (Sanitizers bring an allocator of their own; there is nothing to count then.)
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cerrno>
#include <cstdlib>

#include "counting.h"
#include "support.h"

using keratin::test::allocations;
std::atomic<long> keratin::test::allocations{0};

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
}

namespace keratin::test {
namespace {

struct Kind {
  const char* name;
  NetOptions options;
};

class Allocations : public testing::TestWithParam<Kind> {};

// Batches of 32, a last one of 10, and the same for validation.
long in_fit(kt::Model& model, std::int64_t batches) {
  const std::int64_t rows = 32 * batches + 10;
  const kt::Tensor x = waves({rows, 8}, 0.3f), y = labels(rows);
  const kt::Data data(x, y);
  const kt_data validation = data.get();
  kt::FitOptions options = fit_options(2, 32);
  options.validation_data = &validation;
  return count([&] { model.fit(data, std::move(options)); });
}

TEST_P(Allocations, OfFitDoNotGrowWithItsSteps) {
  kt::check(kt_set_num_threads(2));
  kt::Model model = net(GetParam().options);
  in_fit(model, 3);  // makes the plans
  const long few = in_fit(model, 3), many = in_fit(model, 30);
  EXPECT_GT(few, 0);
  EXPECT_EQ(few, many);
}

TEST_P(Allocations, OfPredictDoNotGrowWithItsSteps) {
  const kt::Model model = net(GetParam().options);
  const auto in_predict = [&](std::int64_t batches) {
    const kt::Tensor x = waves({32 * batches + 10, 8}, 0.3f);
    return count([&] { model.predict(x, 32); });
  };
  in_predict(3);
  EXPECT_EQ(in_predict(3), in_predict(30));
}

NetOptions with_optimizer(const char* json) {
  NetOptions options;
  options.optimizer = json;
  return options;
}

NetOptions with_layers() {
  NetOptions options;
  options.hidden = 200;  // wide enough for the other thread
  options.more = {{"BatchNormalization", "{}"},
                  {"Dropout", "{\"rate\": 0.2}"},
                  {"Dense", "{\"units\": 200, \"kernel_regularizer\": \"l2\"}"},
                  {"LayerNormalization", "{}"}};
  options.metrics = "[\"accuracy\", \"AUC\", \"Precision\"]";
  return options;
}

NetOptions with_policy() {
  NetOptions options = with_layers();
  for (auto& [name, config] : options.more)
    config.insert(
        1, config == "{}" ? "\"dtype\": \"mixed_bfloat16\"" : "\"dtype\": \"mixed_bfloat16\", ");
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Allocations,
    testing::Values(
        Kind{"adam", {}}, Kind{"layers", with_layers()}, Kind{"policy", with_policy()},
        Kind{"sgd", with_optimizer("{\"class_name\": \"SGD\", \"config\": {\"momentum\": 0.9, "
                                   "\"clipnorm\": 1.0, \"use_ema\": true}}")},
        Kind{"rmsprop", with_optimizer("{\"class_name\": \"RMSprop\", \"config\": {\"centered\": "
                                       "true, \"gradient_accumulation_steps\": 2}}")}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(AllocationCount, Counts) {
  EXPECT_GT(count([] { kt::Tensor(KT_FLOAT32, {4}); }), 0);
}

}  // namespace
}  // namespace keratin::test
#endif
