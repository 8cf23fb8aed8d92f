#include "model/predictor.h"

#include "core/error.h"
#include "core/threads.h"

namespace keratin {
namespace {

std::vector<Spec> specs_for(const Model& model, std::int64_t batch,
                            const std::vector<Shape>& shapes) {
  std::vector<Spec> specs = model.input_specs();
  const std::vector<std::string> names = model.input_names();
  require(shapes.empty() || shapes.size() == specs.size(), "the model '", model.name, "' has ",
          specs.size(), " inputs, got ", shapes.size(), " shapes");
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Shape& shape = specs[i].shape;
    require(compatible({batch}, {shape[0]}), "input '", names[i], "' has shape ", to_string(shape),
            ", got a batch of ", batch);
    if (!shapes.empty()) {
      Shape given{batch};
      given.insert(given.end(), shapes[i].begin(), shapes[i].end());
      require(compatible(given, shape), "input '", names[i], "' has shape ", to_string(shape),
              ", got ", to_string(given));
      shape = given;
      shape[0] = kUnknown;
    }
    require(is_static(Shape(shape.begin() + 1, shape.end())), "input '", names[i], "' has shape ",
            to_string(shape), ": give the extents that are not known");
  }
  return specs;
}

std::shared_ptr<const Plan> make_plan(Model& model, std::int64_t batch,
                                      const std::vector<Shape>& shapes) {
  require(batch > 0, "batch_size: expected at least 1, got ", batch);
  const Alone alone;
  return model.frozen_plan(batch, specs_for(model, batch, shapes));
}

void check_no_strings(const std::vector<Spec>& specs, const char* what) {
  for (const Spec& spec : specs)
    if (spec.dtype == DType::kString)
      fail(Code::kUnsupported, "a predictor takes and gives numbers, no strings: ", what,
           " of shape ", to_string(spec.shape));
}

}  // namespace

Predictor::Predictor(Model& model, std::int64_t batch, const std::vector<Shape>& shapes)
    : Predictor(make_plan(model, batch, shapes)) {}

Predictor::Predictor(std::shared_ptr<const Plan> plan) : workspace_(std::move(plan)) {
  const Plan& p = workspace_.plan();
  for (std::size_t i = 0; i < p.input_count(); ++i) inputs_.push_back(p.input_spec(int(i)));
  for (std::size_t i = 0; i < p.output_count(); ++i) outputs_.push_back(p.output_spec(int(i)));
  check_no_strings(inputs_, "an input");
  check_no_strings(outputs_, "an output");
  // A run now: what is made when first used (choices of code, pages of memory) is there then.
  const Alone alone;
  std::vector<Tensor> zeros;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    zeros.emplace_back(inputs_[i].dtype, inputs_[i].shape);
    workspace_.set_input(int(i), zeros.back().raw());
  }
  try {
    workspace_.run();
  } catch (const Error& error) {
    if (error.code() != Code::kInvalidArgument) throw;  // 0 may be no token of a vocabulary
  }
}

void Predictor::run(const void* const* inputs, void* const* outputs) {
  const Alone alone;
  for (std::size_t i = 0; i < inputs_.size(); ++i) workspace_.set_input(int(i), inputs[i]);
  for (std::size_t i = 0; i < outputs_.size(); ++i) workspace_.set_output(int(i), outputs[i]);
  workspace_.run();
}

}  // namespace keratin
