#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>

#include "commands.h"
#include "keratin/keratin.hpp"

namespace {

void add_train(CLI::App& app) {
  const auto options = std::make_shared<cli::TrainOptions>();
  CLI::App* command = app.add_subcommand("train", "Train a network on a CSV table");
  command->add_option("data", options->data, "CSV table with a header line")->required();
  command->add_option("--target", options->target, "Column to predict")->required();
  auto* model = command->add_option("--model", options->model, "Architecture, as Keras' JSON");
  command->add_option("--dense", options->dense, "Widths of hidden layers: 10,5")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->excludes(model);
  command->add_option("--epochs", options->epochs)->check(CLI::PositiveNumber);
  command->add_option("--batch-size", options->batch_size)->check(CLI::PositiveNumber);
  command
      ->add_option("--validation-split", options->validation_split,
                   "Part of the rows, the last, to validate on after each epoch")
      ->check(CLI::Range(0.0, 0.99));
  command
      ->add_option("--hold-out", options->hold_out,
                   "Part of the rows, the last, to evaluate on at the end")
      ->check(CLI::Range(0.0, 0.99));
  command->add_option("--optimizer", options->optimizer, "By name or as JSON");
  command->add_option("--learning-rate", options->learning_rate)->check(CLI::PositiveNumber);
  command->add_option("--loss", options->loss, "By name; found from the target otherwise");
  command->add_option("--metrics", options->metrics, "By name")->delimiter(',');
  command->add_option("--seed", options->seed, "For a run that can be repeated")
      ->check(CLI::NonNegativeNumber);
  command->add_option_function<std::string>(
      "--dtype-policy",
      [](const std::string& name) { kt::check(kt_set_dtype_policy(name.c_str())); },
      "Of the layers: float32, mixed_bfloat16");
  command->add_option_function<std::string>(
      "--remat",
      [](const std::string& mode) { kt::check(kt_set_remat(mode.c_str(), 1024, nullptr, 0)); },
      "Less memory for more time: full, activations, larger_than (gradient checkpointing)");
  command->add_option("--save", options->save, "File for the model: NAME.keras");
  command->add_option("--log", options->log, "CSV file for losses and metrics of each epoch");
  command->add_flag("--quiet", options->quiet, "No progress");
  command->callback([options] { cli::train(*options); });
}

struct UseOptions {
  std::string model, data, target, picture;
  std::int64_t batch_size = 32;
  int width = 80;
};

void add_uses(CLI::App& app) {
  const auto options = std::make_shared<UseOptions>();
  CLI::App* evaluate = app.add_subcommand("evaluate", "Loss and metrics of a model on a table");
  CLI::App* predict = app.add_subcommand("predict", "Predictions for a table, as CSV");
  CLI::App* summary = app.add_subcommand("summary", "Layers and parameters of a model");
  CLI::App* plot = app.add_subcommand("plot", "Picture of a model's graph");
  for (CLI::App* command : {evaluate, predict, summary, plot})
    command->add_option("model", options->model, "A .keras file")->required();
  for (CLI::App* command : {evaluate, predict}) {
    command->add_option("data", options->data, "CSV table with a header line")->required();
    command->add_option("--batch-size", options->batch_size)->check(CLI::PositiveNumber);
  }
  evaluate->add_option("--target", options->target, "Column that was predicted")->required();
  predict->add_option("--target", options->target, "Column that is no input, where it is there");
  summary->add_option("--width", options->width, "Columns")->check(CLI::Range(40, 400));
  plot->add_option("picture", options->picture, "File to write: NAME.svg")->required();
  evaluate->callback([options] {
    cli::evaluate(options->model, options->data, options->target, options->batch_size);
  });
  predict->callback([options] {
    cli::predict(options->model, options->data, options->target, options->batch_size);
  });
  plot->callback([options] { cli::plot(options->model, options->picture); });
  summary->callback([options] { cli::summary(options->model, options->width); });
}

void add_quantize(CLI::App& app) {
  struct Quantize {
    std::string model, out, calibration, target;
    double percentile = 100;
  };
  const auto options = std::make_shared<Quantize>();
  CLI::App* command = app.add_subcommand("quantize", "A model with int8 weights, for predictions");
  command->add_option("model", options->model, "A .keras file")->required();
  command->add_option("out", options->out, "File to write: NAME.keras")->required();
  auto* table = command->add_option("--calibration", options->calibration,
                                    "CSV table that fixes the scales of what goes into layers");
  command
      ->add_option("--target", options->target,
                   "Its column that was predicted: shows loss and metrics before and after")
      ->needs(table);
  command->add_option("--percentile", options->percentile, "Of the magnitudes that scales cover")
      ->check(CLI::Range(0.001, 100.0))
      ->needs(table);
  command->callback([options] {
    cli::quantize(options->model, options->out, options->calibration, options->target,
                  options->percentile);
  });
}

void add_list(CLI::App& app) {
  struct List {
    std::string kind = "layers", name;
  };
  const auto options = std::make_shared<List>();
  CLI::App* command = app.add_subcommand("layers", "What there is, or one of them in full");
  command->add_option("name", options->name, "Class name: Dense");
  command->add_option("--kind", options->kind, "losses, metrics, optimizers, ...");
  command->callback([options] { cli::list_classes(options->kind, options->name); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Keratin: trains and applies neural networks the Keras way");
  app.set_version_flag("--version", kt_version());
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  app.add_option_function<int>(
      "--threads", [](int count) { kt::check(kt_set_num_threads(count)); },
      "Processors to use; all by default");
  add_train(app);
  add_uses(app);
  add_quantize(app);
  add_list(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "keratin: %s\n", error.what());
    return 1;
  }
}
