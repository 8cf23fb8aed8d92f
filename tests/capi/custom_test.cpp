// Layers, losses and metrics of the host, and what becomes of its callbacks' contexts.
#include <gmock/gmock.h>

#include <cstdio>

#include "support.h"

namespace keratin::test {
namespace {

using testing::HasSubstr;

// y = factor * scale * x with a trained scale for each column; "steps" counts calls for training,
// and the mean of x, times "penalty", is a loss.
kt_error* scale_build(void*, kt_scope* scope, const std::int64_t* const* shapes,
                      const std::size_t* ranks, std::size_t) {
  kt_error* error = kt_scope_add_weight(scope, "scale", &shapes[0][ranks[0] - 1], 1,
                                        "{\"initializer\": \"ones\"}");
  return error ? error
               : kt_scope_add_weight(scope, "steps", nullptr, 0,
                                     "{\"initializer\": \"zeros\", \"trainable\": false}");
}

kt::Symbolic op(const char* name, std::vector<kt_symbolic*> inputs, const std::string& attributes) {
  kt_symbolic* output;
  kt::check(kt_op_call(name, inputs.data(), inputs.size(), attributes.c_str(), &output));
  return kt::Symbolic(output);
}

kt::Symbolic weight(kt_scope* scope, const char* name) {
  kt_symbolic* value;
  kt::check(kt_scope_weight(scope, name, &value));
  return kt::Symbolic(value);
}

std::string x2(double value) { return "{\"x2\": " + std::to_string(value) + "}"; }

kt_error* scale_call(void*, kt_scope* scope, kt_symbolic* const* inputs, std::size_t,
                     kt_symbolic** outputs) {
  return kt::detail::guarded([&] {
    double factor, penalty;
    kt::check(kt_scope_number(scope, "factor", &factor));
    kt::check(kt_scope_number(scope, "penalty", &penalty));
    const kt::Symbolic scale = weight(scope, "scale"), steps = weight(scope, "steps");
    if (kt_scope_training(scope))
      kt::check(kt_scope_assign(scope, "steps", op("add", {steps.get()}, x2(1)).get()));
    if (penalty > 0)
      kt::check(kt_scope_add_loss(
          scope, op("multiply", {op("mean", {inputs[0]}, "{}").get()}, x2(penalty)).get()));
    const kt::Symbolic scaled = op("multiply", {inputs[0], scale.get()}, "{}");
    kt::check(
        kt_op_call("multiply", std::vector{scaled.get()}.data(), 1, x2(factor).c_str(), outputs));
  });
}

// |y_true - y_pred| to a power.
kt_error* power_error(void*, kt_scope* scope, kt_symbolic* y_true, kt_symbolic* y_pred,
                      kt_symbolic** output) {
  return kt::detail::guarded([&] {
    double power;
    kt::check(kt_scope_number(scope, "power", &power));
    const kt::Symbolic size = op("abs", {op("subtract", {y_true, y_pred}, "{}").get()}, "{}");
    kt::check(kt_op_call("power", std::vector{size.get()}.data(), 1, x2(power).c_str(), output));
  });
}

const char* const kPower = R"([{"name": "power", "type": "float", "default": 2.0}])";

void register_all() {
  static const bool once = [] {
    kt_custom_layer layer = KT_CUSTOM_LAYER_INIT;
    layer.name = "CapiScale";
    layer.attributes = R"([{"name": "factor", "type": "float"},
                           {"name": "penalty", "type": "float", "default": 0.0}])";
    layer.build = scale_build;
    layer.call = scale_call;
    kt::check(kt_register_layer(&layer));
    kt_custom_function function = KT_CUSTOM_FUNCTION_INIT;
    function.attributes = kPower;
    function.call = power_error;
    function.name = "CapiPowerError";
    kt::check(kt_register_loss(&function));
    function.name = "capi_power_error";
    kt::check(kt_register_metric(&function));
    return true;
  }();
  (void)once;
}

kt::Model scaled(const std::string& loss, const std::string& metric, double penalty = 0) {
  register_all();
  kt_set_random_seed(4);
  kt_reset_names();
  kt::Model model = kt::Model::chain(
      layer("InputLayer", "{\"shape\": [8]}"),
      layer("CapiScale", "{\"factor\": 0.5, \"penalty\": " + std::to_string(penalty) + "}"),
      layer("Dense", "{\"units\": 1}"));
  model.compile("{\"optimizer\": \"adam\", \"loss\": " + loss + ", \"metrics\": [" + metric + "]}");
  return model;
}

struct Custom : testing::Test {
  kt::Tensor x = waves({40, 8}, 0.3f), y = labels(40);
  kt::Data data{x, y};
};

TEST_F(Custom, TrainsAsTheSameOfTheLibrary) {
  kt::Model own = scaled("\"CapiPowerError\"", "\"capi_power_error\"");
  kt::Model keras = scaled("\"mean_squared_error\"", "\"mean_squared_error\"");
  const auto fit = [&](kt::Model& model) {
    kt::FitOptions options = fit_options(4, 16);
    options.shuffle = 0;
    return model.fit(data, std::move(options));
  };
  const kt::History of_own = fit(own), of_keras = fit(keras);
  const auto values = [](const kt::History& history, const char* key) {
    const double* begin;
    std::size_t count;
    kt::check(kt_history_values(history.get(), key, &begin, &count));
    return std::vector<double>(begin, begin + count);
  };
  const std::vector<double> loss = values(of_own, "loss"), wanted = values(of_keras, "loss"),
                            metric = values(of_own, "capi_power_error");
  ASSERT_EQ(loss.size(), 4u);
  EXPECT_LT(loss[3], loss[0]);
  for (std::size_t i = 0; i < loss.size(); ++i) {
    EXPECT_NEAR(loss[i], wanted[i], 1e-5);
    EXPECT_NEAR(metric[i], loss[i], 1e-5);
  }
  const std::vector<kt::Layer> layers = own.layers();
  const std::vector<kt::Tensor> weights = layers[0].weights();
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_NE(weights[0].data<float>()[0], 1.0f);
  EXPECT_EQ(weights[1].data<float>()[0], 4 * 3);  // steps
}

TEST_F(Custom, ALossOfALayerCounts) {
  kt::Model model = scaled("\"CapiPowerError\"", ""), penalized = scaled("\"mse\"", "", 10.0);
  const std::vector<float> ones(40 * 8, 1.0f);
  const kt::Tensor x1(kt::Shape{40, 8}, ones);
  const auto loss = [&](kt::Model& m) { return m.evaluate(kt::Data(x1, y))[0].second[0]; };
  EXPECT_NEAR(loss(penalized) - loss(model), 10.0, 1e-4);
}

TEST_F(Custom, IsSavedAndLoaded) {
  kt::Model model = scaled(R"({"class_name": "CapiPowerError", "config": {"power": 1.5}})",
                           "\"capi_power_error\"");
  model.fit(data, fit_options(2, 16));
  const std::string path = testing::TempDir() + "keratin_custom.keras";
  model.save(path);
  kt::Model loaded = kt::Model::load(path);
  std::remove(path.c_str());
  EXPECT_EQ(loaded.weights_hash(), model.weights_hash());
  EXPECT_EQ(loaded.evaluate(data), model.evaluate(data));
  EXPECT_EQ(loaded.layers()[0].config(), model.layers()[0].config());
  EXPECT_THAT(loaded.layers()[0].config(), HasSubstr("\"factor\":0.5"));
  EXPECT_THAT(loaded.compile_config(), HasSubstr("1.5"));
  kt::FitOptions more = fit_options(2, 16), same = fit_options(2, 16);
  more.shuffle = same.shuffle = 0;
  model.fit(data, std::move(more));
  loaded.fit(data, std::move(same));
  EXPECT_EQ(loaded.weights_hash(), model.weights_hash());
  EXPECT_EQ(kt::Model::from_json(model.to_json()).to_json(), model.to_json());
}

TEST_F(Custom, NamesAreTakenOnce) {
  register_all();
  kt_custom_layer layer = KT_CUSTOM_LAYER_INIT;
  layer.call = scale_call;
  kt_custom_function function = KT_CUSTOM_FUNCTION_INIT;
  function.call = power_error;
  for (const char* name : {"CapiScale", "Dense"}) {
    layer.name = name;
    EXPECT_THAT(message_of(kt_register_layer(&layer)), HasSubstr(name));
  }
  function.name = "CapiPowerError";
  EXPECT_EQ(code_of(kt_register_loss(&function)), KT_ERROR_INVALID_ARGUMENT);
  function.name = "capi_power_error";
  EXPECT_EQ(code_of(kt_register_metric(&function)), KT_ERROR_INVALID_ARGUMENT);
}

TEST_F(Custom, ErrorsComeOut) {
  kt_custom_layer custom = KT_CUSTOM_LAYER_INIT;
  custom.name = "CapiBroken";
  custom.attributes = R"([{"name": "how", "type": "int", "default": 0}])";
  custom.build = [](void*, kt_scope* scope, const std::int64_t* const*, const std::size_t*,
                    std::size_t) -> kt_error* {
    double how;
    kt_error* error = kt_scope_number(scope, "how", &how);
    if (!error && how == 1) return kt_error_create(KT_ERROR_UNSUPPORTED, "not built");
    return error;
  };
  custom.call = [](void*, kt_scope* scope, kt_symbolic* const*, std::size_t,
                   kt_symbolic**) -> kt_error* {
    double how;
    if (kt_error* error = kt_scope_number(scope, "how", &how)) return error;
    if (how == 2) return kt_error_create(KT_ERROR_CALLBACK, "not called");
    if (how == 3) return kt_scope_add_weight(scope, "late", nullptr, 0, nullptr);
    if (how == 4) {
      kt_symbolic* none;
      return kt_scope_weight(scope, "none", &none);
    }
    return nullptr;  // and leaves its output NULL
  };
  static const bool once = (kt::check(kt_register_layer(&custom)), true);
  (void)once;
  const std::pair<kt_code, const char*> wanted[] = {{KT_ERROR_INVALID_ARGUMENT, "NULL"},
                                                    {KT_ERROR_UNSUPPORTED, "not built"},
                                                    {KT_ERROR_CALLBACK, "not called"},
                                                    {KT_ERROR_STATE, "build"},
                                                    {KT_ERROR_NOT_FOUND, "none"}};
  for (int how = 0; how < 5; ++how) try {
      kt::Model model =
          kt::Model::chain(layer("InputLayer", "{\"shape\": [8]}"),
                           layer("CapiBroken", "{\"how\": " + std::to_string(how) + "}"));
      model.predict(x);
      ADD_FAILURE() << how;
    } catch (const kt::Error& error) {
      EXPECT_EQ(error.code(), wanted[how].first) << how;
      EXPECT_THAT(error.what(), HasSubstr(wanted[how].second)) << how;
    }
}

kt_callback_functions counting(int& released) {
  kt_callback_functions functions = KT_CALLBACK_FUNCTIONS_INIT;
  functions.context = &released;
  functions.release = [](void* context) { ++*static_cast<int*>(context); };
  return functions;
}

TEST_F(Custom, AContextIsReleasedOnce) {
  int released = 0;
  kt_callback_functions functions = counting(released);
  functions.epoch_end = [](void* context, kt_loop* loop, std::int64_t, const kt_logs*) {
    EXPECT_EQ(*static_cast<int*>(context), 0);
    return kt_loop_set_log(loop, "own", 1.0);
  };
  functions.test_end = [](void*, kt_loop*, std::int64_t, const kt_logs*) {
    return kt_error_create(KT_ERROR_CALLBACK, "no");
  };
  kt_callback* callback;
  kt::check(kt_callback_from_functions(&functions, &callback));
  {
    kt::Model model = net();
    const kt_data arrays = data.get();
    kt_callback* const twice[] = {callback, callback};
    kt_fit_options options = KT_FIT_OPTIONS_INIT;
    options.callbacks = twice;
    options.n_callbacks = 2;
    for (int i = 0; i < 3; ++i) kt::check(kt_model_fit(model.get(), &arrays, &options, nullptr));
    kt_evaluate_options evaluate = KT_EVALUATE_OPTIONS_INIT;
    evaluate.callbacks = twice;
    evaluate.n_callbacks = 1;
    kt_logs* logs;
    EXPECT_EQ(code_of(kt_model_evaluate(model.get(), &arrays, &evaluate, &logs)),
              KT_ERROR_CALLBACK);
  }
  EXPECT_EQ(released, 0);
  kt_callback_free(callback);
  EXPECT_EQ(released, 1);
}

TEST_F(Custom, ACallbackMayGoWhileItRuns) {
  struct Context {
    kt_callback* callback = nullptr;
    int epochs = 0, released = 0;
  } context;
  kt_callback_functions functions = KT_CALLBACK_FUNCTIONS_INIT;
  functions.context = &context;
  functions.release = [](void* c) { ++static_cast<Context*>(c)->released; };
  functions.epoch_end = [](void* c, kt_loop*, std::int64_t, const kt_logs*) -> kt_error* {
    Context& mine = *static_cast<Context*>(c);
    EXPECT_EQ(mine.released, 0);
    if (mine.epochs++ == 0) kt_callback_free(mine.callback);
    return nullptr;
  };
  kt::check(kt_callback_from_functions(&functions, &context.callback));
  kt::Model model = net();
  const kt_data arrays = data.get();
  kt_fit_options options = KT_FIT_OPTIONS_INIT;
  options.epochs = 3;
  options.callbacks = &context.callback;
  options.n_callbacks = 1;
  kt::check(kt_model_fit(model.get(), &arrays, &options, nullptr));
  EXPECT_EQ(context.epochs, 3);
  EXPECT_EQ(context.released, 1);
}

TEST_F(Custom, AContextIsReleasedWithoutFunctionsAndNotAfterAnError) {
  int released = 0;
  kt_callback_functions functions = counting(released);
  kt_callback* callback;
  kt::check(kt_callback_from_functions(&functions, &callback));
  kt_callback_free(callback);
  EXPECT_EQ(released, 1);
  functions.struct_size = 0;
  EXPECT_EQ(code_of(kt_callback_from_functions(&functions, &callback)), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(callback, nullptr);
  EXPECT_EQ(released, 1);
}

}  // namespace
}  // namespace keratin::test
