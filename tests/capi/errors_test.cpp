// What goes wrong comes out as an error that says what, where, expected and given; and nothing has
// changed then.
#include <gmock/gmock.h>

#include <functional>

#include "support.h"

namespace keratin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Failure {
  kt_code code = KT_OK;
  std::string message;
};

Failure failure_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const kt::Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

struct Errors : testing::Test {
  kt::Model model = net();
  kt::Tensor x = waves({20, 8}, 0.3f), y = labels(20);

  // The call fails with this code, and leaves the model as it was and able to train.
  std::string refused(kt_code code, const std::function<void()>& fn) {
    const std::uint64_t before = model.weights_hash();
    const Failure failure = failure_of(fn);
    EXPECT_EQ(failure.code, code) << failure.message;
    EXPECT_EQ(model.weights_hash(), before) << failure.message;
    return failure.message;
  }
  ~Errors() override {
    const std::uint64_t before = model.weights_hash();
    EXPECT_NO_THROW(model.fit(kt::Data(x, y), fit_options(1, 10)));
    EXPECT_NE(model.weights_hash(), before);
    EXPECT_NO_THROW(model.evaluate(kt::Data(x, y)));
    EXPECT_EQ(model.predict(x).shape(), (kt::Shape{20, 1}));
  }
};

TEST_F(Errors, ShapesOfInputsAreNamed) {
  const kt::Tensor narrow = waves({20, 7}, 0.3f), deep = waves({20, 8, 2}, 0.3f);
  for (const kt::Tensor* bad : {&narrow, &deep}) {
    const std::string given = bad == &narrow ? "7" : "8, 2";
    const auto names = AllOf(HasSubstr("input"), HasSubstr("8)"), HasSubstr(given));
    const kt::Data data(*bad, y);
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(data); }), names);
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.evaluate(data); }), names);
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.train_on_batch(data); }), names);
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.predict(*bad); }), names);
  }
}

TEST_F(Errors, ShapesOfTargetsAreNamed) {
  const kt::Tensor wide = waves({20, 3}, 0.3f);
  const kt::Data data(x, wide);
  const auto names = AllOf(HasSubstr("3)"), HasSubstr("1)"));
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(data); }), names);
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.evaluate(data); }), names);
}

TEST_F(Errors, NumbersOfRowsAndArraysAreNamed) {
  const kt::Tensor few = labels(19);
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(kt::Data(x, few)); }),
              AllOf(HasSubstr("20"), HasSubstr("19")));
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT,
                      [&] {
                        kt::Data data(x, y);
                        model.fit(data.weighted(few));
                      }),
              AllOf(HasSubstr("20"), HasSubstr("19")));
  kt_tensor* const two[] = {x.get(), x.get()};
  kt_tensor* output = nullptr;
  EXPECT_THAT(
      refused(KT_ERROR_INVALID_ARGUMENT,
              [&] { kt::check(kt_model_predict(model.get(), two, 2, nullptr, &output, 1)); }),
      AllOf(HasSubstr("1"), HasSubstr("2")));
  EXPECT_EQ(output, nullptr);
}

TEST_F(Errors, DtypesAreNamed) {
  const char* const word = "word";
  const std::vector<const char*> words(20 * 8, word);
  const kt::Shape shape{20, 8};
  kt_tensor* made;
  kt::check(kt_tensor_of_strings(words.data(), nullptr, shape.data(), 2, &made));
  const kt::Tensor text(made);
  const auto names = AllOf(HasSubstr("string"), HasSubstr("float32"));
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(kt::Data(text, y)); }), names);
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.predict(text); }), names);
}

TEST_F(Errors, OptionsAreNamed) {
  const kt::Data data(x, y);
  for (const std::int64_t bad : {-1, -1000}) {
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(data, fit_options(1, bad)); }),
                AllOf(HasSubstr("batch_size"), HasSubstr(std::to_string(bad))));
    EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(data, fit_options(bad, 0)); }),
                AllOf(HasSubstr("epochs"), HasSubstr(std::to_string(bad))));
  }
  kt::FitOptions options;
  options.validation_split = 1.5;
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.fit(data, std::move(options)); }),
              AllOf(HasSubstr("validation_split"), HasSubstr("1.5")));
}

TEST_F(Errors, AFileThatIsNotThere) {
  EXPECT_THAT(refused(KT_ERROR_NOT_FOUND, [&] { model.load_weights("no/such.weights.h5"); }),
              HasSubstr("no/such.weights.h5"));
  EXPECT_THAT(refused(KT_ERROR_NOT_FOUND, [] { kt::Model::load("no/such.keras"); }),
              HasSubstr("no/such.keras"));
  EXPECT_THAT(failure_of([&] { model.save("no/such/folder/m.keras"); }).message,
              HasSubstr("no/such/folder"));
}

// Which functions fail, and what they fail with.
struct Failing {
  kt_code code;
  std::string message;
};

kt_error* fail_with(void* context, kt_loop*, std::int64_t, const kt_logs*) {
  const auto* failing = static_cast<const Failing*>(context);
  return kt_error_create(failing->code, failing->message.c_str());
}

TEST_F(Errors, OfEveryFunctionOfACallbackComeOut) {
  using Member = kt_on_event kt_callback_functions::*;
  using F = kt_callback_functions;
  const kt::Data data(x, y);
  const kt_data arrays = data.get();
  Failing failing{KT_ERROR_IO,
                  "the disk is \xE2\x82\xAC"
                  "full"};
  const auto with = [&](Member member, const std::function<kt_error*(kt_callback*)>& run) {
    F functions = KT_CALLBACK_FUNCTIONS_INIT;
    functions.context = &failing;
    functions.*member = fail_with;
    kt_callback* callback = nullptr;
    kt::check(kt_callback_from_functions(&functions, &callback));
    const kt::Callback owner(callback);
    const Failure failure = failure_of([&] { kt::check(run(callback)); });
    EXPECT_EQ(failure.code, KT_ERROR_IO);
    EXPECT_EQ(failure.message, failing.message);
    EXPECT_NO_THROW(model.fit(data, fit_options(1, 10)));  // usable at once
  };
  for (const Member member : {&F::train_begin, &F::train_end, &F::epoch_begin, &F::epoch_end,
                              &F::train_batch_begin, &F::train_batch_end})
    with(member, [&](kt_callback* callback) {
      kt_fit_options options = KT_FIT_OPTIONS_INIT;
      options.callbacks = &callback;
      options.n_callbacks = 1;
      return kt_model_fit(model.get(), &arrays, &options, nullptr);
    });
  for (const Member member :
       {&F::test_begin, &F::test_end, &F::test_batch_begin, &F::test_batch_end})
    with(member, [&](kt_callback* callback) {
      kt_evaluate_options options = KT_EVALUATE_OPTIONS_INIT;
      options.callbacks = &callback;
      options.n_callbacks = 1;
      kt_logs* logs = nullptr;
      kt_error* error = kt_model_evaluate(model.get(), &arrays, &options, &logs);
      EXPECT_EQ(logs, nullptr);
      return error;
    });
  for (const Member member :
       {&F::predict_begin, &F::predict_end, &F::predict_batch_begin, &F::predict_batch_end})
    with(member, [&](kt_callback* callback) {
      kt_predict_options options = KT_PREDICT_OPTIONS_INIT;
      options.callbacks = &callback;
      options.n_callbacks = 1;
      kt_tensor* const inputs[] = {x.get()};
      kt_tensor* output = nullptr;
      kt_error* error = kt_model_predict(model.get(), inputs, 1, &options, &output, 1);
      EXPECT_EQ(output, nullptr);
      return error;
    });
}

TEST_F(Errors, CodesOfCallbacksAreKept) {
  for (kt_code code = KT_ERROR_INVALID_ARGUMENT; code <= KT_ERROR_INTERNAL; ++code) {
    kt::FitOptions options = fit_options(3, 10);
    int calls = 0;
    options.callback_list.push_back(
        kt::Callback::at_epoch_end([&](kt_loop*, std::int64_t, const kt::Logs&) {
          ++calls;
          throw kt::Error(code, "code " + std::to_string(code));
        }));
    const Failure failure = failure_of([&] { model.fit(kt::Data(x, y), std::move(options)); });
    EXPECT_EQ(failure.code, code);
    EXPECT_EQ(failure.message, "code " + std::to_string(code));
    EXPECT_EQ(calls, 1);
  }
}

// The batch source of a context that fails in restart (0) or in its nth batch.
struct Source {
  kt_tensor* x;
  kt_tensor* y;
  int fails_at, batch = 0;
};

TEST_F(Errors, OfBatchSourcesComeOut) {
  for (const std::int64_t prefetch : {0, 2})
    for (const int fails_at : {0, 1, 3}) {
      kt_tensor *bare_x = x.get(), *bare_y = y.get();
      Source context{bare_x, bare_y, fails_at};
      kt_batch_source source = KT_BATCH_SOURCE_INIT;
      source.context = &context;
      source.prefetch = prefetch;
      source.restart = [](void* c) -> kt_error* {
        auto* s = static_cast<Source*>(c);
        s->batch = 0;
        return s->fails_at ? nullptr : kt_error_create(KT_ERROR_CORRUPT, "no batches");
      };
      source.next = [](void* c, kt_data* batch) -> kt_error* {
        auto* s = static_cast<Source*>(c);
        if (++s->batch == s->fails_at) return kt_error_create(KT_ERROR_CORRUPT, "no batches");
        batch->x = &s->x;
        batch->y = &s->y;
        batch->n_x = batch->n_y = 1;
        return nullptr;
      };
      const Failure failure = failure_of(
          [&] { kt::check(kt_model_fit_source(model.get(), &source, nullptr, nullptr)); });
      EXPECT_EQ(failure.code, KT_ERROR_CORRUPT) << failure.message;
      EXPECT_EQ(failure.message, "no batches");
    }
}

TEST_F(Errors, MoreMemoryThanThereIs) {
  for (const char* units : {"1000000000000", "1000000000000000000"}) {
    const Failure failure = failure_of([&] {
      NetOptions options;
      options.more = {{"Dense", std::string("{\"units\": ") + units + "}"}};
      net(options);
    });
    EXPECT_THAT(failure.code, testing::AnyOf(KT_ERROR_OUT_OF_MEMORY, KT_ERROR_INVALID_ARGUMENT))
        << failure.message;
    EXPECT_NE(failure.message, "");
  }
  for (const std::int64_t rows : {std::int64_t(1) << 45, std::int64_t(1) << 62}) {
    const std::int64_t shape[] = {rows, 8};
    kt_tensor* tensor = nullptr;
    kt_error* error = kt_tensor_create(KT_FLOAT32, shape, 2, &tensor);
    EXPECT_EQ(tensor, nullptr);
    EXPECT_THAT(code_of(error), testing::AnyOf(KT_ERROR_OUT_OF_MEMORY, KT_ERROR_INVALID_ARGUMENT));
  }
}

TEST_F(Errors, ABatchLargerThanTheDataIsTheData) {
  const std::int64_t huge = std::int64_t(1) << 62;
  EXPECT_NO_THROW(model.fit(kt::Data(x, y), fit_options(1, huge)));
  EXPECT_NO_THROW(model.evaluate(kt::Data(x, y), huge));
  EXPECT_EQ(model.predict(x, huge).shape(), (kt::Shape{20, 1}));
}

TEST_F(Errors, OfJson) {
  const std::string deep = std::string(1000000, '['), nested = "{\"units\": " + deep + "}";
  const auto create = [](const std::string& config) {
    return failure_of([&] { layer("Dense", config); });
  };
  EXPECT_EQ(create(nested).code, KT_ERROR_CORRUPT);
  EXPECT_EQ(create("{\"units\": " + deep + std::string(1000000, ']') + "}").code, KT_ERROR_CORRUPT);
  EXPECT_EQ(create("{\"units\": 4").code, KT_ERROR_CORRUPT);
  EXPECT_EQ(create("{\"units\": 4} 5").code, KT_ERROR_CORRUPT);
  EXPECT_EQ(create("\xFF\xFE").code, KT_ERROR_CORRUPT);
  EXPECT_EQ(create("{\"units\": 1e999}").code, KT_ERROR_CORRUPT);
  for (const char* number : {"1e30", "-1", "0", "2.5", "99999999999999999999", "null", "\"4\""}) {
    const Failure failure = create(std::string("{\"units\": ") + number + "}");
    EXPECT_EQ(failure.code, KT_ERROR_INVALID_ARGUMENT) << number << ": " << failure.message;
    EXPECT_THAT(failure.message, AllOf(HasSubstr("Dense"), HasSubstr("units"))) << number;
  }
  EXPECT_THAT(create("{\"unit\": 4}").message, AllOf(HasSubstr("Dense"), HasSubstr("'unit'")));
  EXPECT_EQ(failure_of([&] { kt::Model::from_json(deep); }).code, KT_ERROR_CORRUPT);
  EXPECT_EQ(refused(KT_ERROR_CORRUPT, [&] { model.compile(deep); }).empty(), false);
  EXPECT_THAT(refused(KT_ERROR_NOT_FOUND, [&] { model.compile("{\"optimizer\": \"adamm\"}"); }),
              HasSubstr("adamm"));
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.compile("{\"optimiser\": 1}"); }),
              HasSubstr("optimiser"));
  EXPECT_TRUE(model.is_compiled());
}

TEST_F(Errors, OfOpsThatGiveSeveral) {
  const kt::Symbolic x = kt::input({3, 4});
  EXPECT_EQ(kt::ops_of("qr", nullptr, {x.get()}).size(), 2u);
  const Failure few = failure_of([&] { kt::ops_of("qr", nullptr, {x.get()}, 1); });
  EXPECT_EQ(few.code, KT_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(few.message, HasSubstr("op 'qr' gives 2 tensors, capacity is 1"));
  const Failure one = failure_of([&] { kt::op("qr", x); });
  EXPECT_EQ(one.code, KT_ERROR_UNSUPPORTED);
  EXPECT_THAT(one.message, HasSubstr("kt_op_call_all"));
}

TEST_F(Errors, OfTheFormOfACall) {
  kt_layer* made;
  kt::check(kt_layer_create("LSTM", R"({"units": 2, "return_state": true})", &made));
  const kt::Layer layer(made);
  const kt::Symbolic sequence = kt::input({3, 4}), state = kt::input({2});
  const auto call = [&](const char* form, std::vector<kt_symbolic*> tensors, std::size_t capacity) {
    kt_symbolic* outputs[4] = {};
    std::size_t count = 9;
    kt_error* error = kt_layer_call_form(layer.get(), form, tensors.data(), tensors.size(), outputs,
                                         capacity, &count);
    EXPECT_EQ(count, error ? 0u : 3u);
    for (kt_symbolic* output : outputs) {
      EXPECT_EQ(output != nullptr, !error && output != outputs[3]);
      kt_symbolic_free(output);
    }
    kt::check(error);
  };
  const auto fails = [&](const char* form, std::vector<kt_symbolic*> tensors, const char* message,
                         std::size_t capacity = 4) {
    const Failure failure = failure_of([&] { call(form, tensors, capacity); });
    EXPECT_EQ(failure.code, KT_ERROR_INVALID_ARGUMENT) << form;
    EXPECT_THAT(failure.message, HasSubstr(message)) << form;
  };
  const char* const good =
      R"({"args": [{"__keras_tensor__": 0}], "kwargs": {"initial_state":
          [{"__keras_tensor__": 1}, {"__keras_tensor__": 1}]}})";
  EXPECT_NO_THROW(call(good, {sequence.get(), state.get()}, 4));
  EXPECT_NO_THROW(call(nullptr, {sequence.get()}, 3));
  fails(good, {sequence.get(), state.get()}, "capacity is 2", 2);
  fails(good, {sequence.get()}, "below 1");
  fails(good, {sequence.get(), state.get(), state.get()}, "tensors[2]");
  EXPECT_EQ(failure_of([&] { call("{", {sequence.get()}, 4); }).code, KT_ERROR_CORRUPT);
  fails("[]", {sequence.get()}, "args");
  fails(R"({"args": [], "kwargs": []})", {}, "kwargs");
  fails(R"({"args": [{"__keras_tensor__": -1}]})", {sequence.get()}, "below 1");
  fails(R"({"args": [{"__keras_tensor__": "0"}]})", {sequence.get()}, "below 1");
  fails(R"({"args": [{"__keras_tensor__": 0, "more": 1}]})", {sequence.get()}, "below 1");
  fails(R"({"args": [{"__keras_tensor__": 0}], "kwargs": {"start": 1}})", {sequence.get()},
        "start");
  fails(R"({"args": [1]})", {}, "lstm");
  fails(R"({"args": []})", {}, "lstm");
}

TEST_F(Errors, OfWeights) {
  const kt::Tensor wrong = waves({8, 11}, 0.2f), bias = waves({10}, 0.2f);
  const std::vector<kt::Layer> layers = model.layers();
  const kt::Layer& dense = layers[0];
  kt_tensor* const given[] = {wrong.get(), bias.get()};
  const std::string name = kt_layer_name(dense.get());
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT,
                      [&] { kt::check(kt_layer_set_weights(dense.get(), given, 2)); }),
              AllOf(HasSubstr(name + "/kernel"), HasSubstr("8, 10"), HasSubstr("8, 11")));
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT,
                      [&] { kt::check(kt_layer_set_weights(dense.get(), given, 1)); }),
              AllOf(HasSubstr(name), HasSubstr("2"), HasSubstr("1")));
  const std::string path = name + "/kernel";
  const std::uint64_t before = model.weights_hash();
  EXPECT_THAT(refused(KT_ERROR_INVALID_ARGUMENT, [&] { model.set_weight(path, wrong); }),
              AllOf(HasSubstr(path), HasSubstr("8, 10"), HasSubstr("8, 11")));
  EXPECT_THAT(refused(KT_ERROR_NOT_FOUND, [&] { model.weight(name + "/gamma"); }),
              AllOf(HasSubstr(name + "/gamma"), HasSubstr(path)));
  EXPECT_EQ(model.weights_hash(), before);
}

}  // namespace
}  // namespace keratin::test
