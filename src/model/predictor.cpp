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

void check_no_strings(const std::vector<Spec>& specs, const char* what) {
  for (const Spec& spec : specs)
    if (spec.dtype == DType::kString)
      fail(Code::kUnsupported, "a predictor takes and gives numbers, no strings: ", what,
           " of shape ", to_string(spec.shape));
}

}  // namespace

Predictor::Predictor(Model& model, std::int64_t batch, const std::vector<Shape>& shapes)
    : Predictor([&] {
        require(batch > 0, "batch_size: expected at least 1, got ", batch);
        const Alone alone;
        const std::vector<Spec> specs = specs_for(model, batch, shapes);
        const std::int64_t rows = model.rows_at_a_time(batch, specs);
        return Predictor(model.frozen_plan(rows, specs), batch / rows);
      }()) {}

Predictor::Predictor(std::shared_ptr<const Plan> plan, std::int64_t times)
    : workspace_(std::move(plan)), times_(times) {
  const Plan& p = workspace_.plan();
  const auto add = [&](Spec spec, std::vector<Spec>& specs, std::vector<std::size_t>& bytes) {
    bytes.push_back(std::size_t(element_count(spec.shape)) * size_of(spec.dtype));
    if (times_ > 1) spec.shape[0] *= times_;
    specs.push_back(std::move(spec));
  };
  for (std::size_t i = 0; i < p.input_count(); ++i)
    add(p.input_spec(int(i)), inputs_, input_bytes_);
  for (std::size_t i = 0; i < p.output_count(); ++i)
    add(p.output_spec(int(i)), outputs_, output_bytes_);
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
  for (std::size_t time = 0; time < std::size_t(times_); ++time) {
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      workspace_.set_input(int(i), static_cast<const char*>(inputs[i]) + time * input_bytes_[i]);
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      workspace_.set_output(int(i), static_cast<char*>(outputs[i]) + time * output_bytes_[i]);
    workspace_.run();
  }
}

}  // namespace keratin
