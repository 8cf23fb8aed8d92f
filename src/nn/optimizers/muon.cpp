#include <algorithm>
#include <cctype>
#include <cmath>

#include "kernels/adaptive_updates.h"
#include "kernels/gemm.h"
#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"
#include "nn/optimizers/pattern.h"

namespace keratin {
namespace {

// Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks": the mean gradient
// of a matrix is made orthogonal by a few steps of Newton and Schulz. All else is moved by Adam.
class Muon : public Optimizer {
 public:
  double adam_beta_1 = 0.9, adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  std::vector<std::string> exclude_layers;
  bool exclude_embeddings = true;
  double muon_a = 3.4445, muon_b = -4.775, muon_c = 2.0315;
  double adam_lr_ratio = 1, momentum = 0.95;
  std::int64_t ns_steps = 5;
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;

  KERATIN_CLASS
  Muon() { weight_decay = 0.004; }

 protected:
  bool update_by_variable() const override { return true; }
  std::optional<double> decay_of(std::size_t i) const override {
    return by_adam(i) ? adam_weight_decay : weight_decay;
  }
  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override;
  void prepare(std::int64_t iterations, float rate) override {
    rate_now_ = rate;
    adam_ = kernels::Adam::at(iterations, rate * float(adam_lr_ratio), adam_beta_1, adam_beta_2,
                              epsilon);
  }
  void update(const UpdateRun& run) override;

 private:
  bool by_adam(std::size_t i) const { return by_adam_[i]; }
  bool wants_adam(const Variable& weight) const;
  void orthogonalize(const UpdateRun& run);

  std::vector<bool> by_adam_;
  float rate_now_ = 0;
  kernels::Adam adam_{};
  // Room for the largest matrix: x, and the squares and products of its shorter side.
  Tensor x_, squares_, products_, next_, scratch_;
};

bool Muon::wants_adam(const Variable& weight) const {
  if (weight.value.shape().size() != 2) return true;
  std::string lower = weight.path;
  for (char& c : lower) c = char(std::tolower(static_cast<unsigned char>(c)));
  if (exclude_embeddings && lower.find("embedding") != std::string::npos) return true;
  return std::ranges::any_of(exclude_layers, [&](const std::string& pattern) {
    return pattern_found(pattern, weight.path);
  });
}

void Muon::build_slots(std::vector<std::vector<VariablePtr>>& slots) {
  std::int64_t size = 0, side = 0;
  std::size_t scratch = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Variable& weight = *weights()[i];
    const Shape& shape = weight.value.shape();
    by_adam_.push_back(wants_adam(weight));
    slots[i].push_back(
        add_variable(prefix_of(weight) + "_momentum", Tensor(DType::kFloat32, shape)));
    if (by_adam_[i]) {
      slots[i].push_back(
          add_variable(prefix_of(weight) + "_velocity", Tensor(DType::kFloat32, shape)));
      continue;
    }
    const std::int64_t n = std::min(shape[0], shape[1]), m = std::max(shape[0], shape[1]);
    size = std::max(size, n * m);
    side = std::max(side, n * n);
    for (const kernels::GemmShape& g :
         {kernels::GemmShape{n, n, m, false, true}, {n, n, n}, {n, m, n}})
      scratch = std::max(scratch, kernels::gemm_scratch_bytes(g, DType::kFloat32));
  }
  x_ = Tensor(DType::kFloat32, {size});
  next_ = Tensor(DType::kFloat32, {size});
  squares_ = Tensor(DType::kFloat32, {side});
  products_ = Tensor(DType::kFloat32, {side});
  scratch_ = Tensor(DType::kUint8, {std::int64_t(scratch)});
}

void Muon::update(const UpdateRun& run) {
  if (by_adam(run.index))
    return kernels::update_adam(adam_, run.weight, run.gradient, run.slots[0], run.slots[1],
                                nullptr, run.count);
  kernels::muon_direction(float(momentum), nesterov, run.gradient, run.slots[0], run.count);
  orthogonalize(run);
}

// The direction lies in the gradient; the weight moves by what becomes of it.
void Muon::orthogonalize(const UpdateRun& run) {
  const std::int64_t rows = run.shape[0], columns = run.shape[1];
  const bool tall = rows > columns;
  const std::int64_t n = std::min(rows, columns), m = std::max(rows, columns);
  float *x = x_.data<float>(), *next = next_.data<float>(), *g = run.gradient;
  float *squares = squares_.data<float>(), *products = products_.data<float>();
  const float norm = std::sqrt(kernels::sum_of_squares(g, run.count)) + 1e-7f;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; ++k)
      x[tall ? k * rows + i : i * columns + k] = g[i * columns + k] / norm;
  const float a = float(muon_a), b = float(muon_b), c = float(muon_c);
  for (std::int64_t step = 0; step < ns_steps; ++step) {
    // x = a x + (b s + c s s) x with s = x x'
    kernels::gemm({n, n, m, false, true}, x, x, squares, {}, scratch_.raw());
    kernels::gemm({n, n, n}, squares, squares, products, {}, scratch_.raw());
    for (std::int64_t i = 0; i < n * n; ++i) products[i] = b * squares[i] + c * products[i];
    kernels::gemm({n, m, n}, products, x, next, {}, scratch_.raw());
    for (std::int64_t i = 0; i < n * m; ++i) x[i] = a * x[i] + next[i];
  }
  const float scale = rms_rate ? std::sqrt(float(m)) * float(*rms_rate) : 1.0f;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; ++k)
      g[i * columns + k] = x[tall ? k * rows + i : i * columns + k];
  kernels::subtract_scaled(rate_now_ * scale, run.weight, g, run.count);
}

const ClassInfo& Muon::describe() {
  static const ClassInfo info = [] {
    using C = Muon;
    ClassInfo c = class_info<C>("optimizers", "Muon", "keras.optimizers",
                                "Gradient descent by orthogonal matrices; Adam for all else.");
    c.attributes = base_attributes<C>({
        attribute<C>("adam_beta_1", &C::adam_beta_1, "Adam's part of the mean that is kept."),
        attribute<C>("adam_beta_2", &C::adam_beta_2,
                     "Adam's part of the mean of squares that is kept."),
        attribute<C>("adam_weight_decay", &C::adam_weight_decay,
                     "Weight decay of what Adam moves."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    Attribute exclude = attribute<C>("exclude_layers", &C::exclude_layers,
                                     "Patterns of the paths of variables that Adam moves.");
    exclude.type += "?";
    exclude.set = [](Object& object, const Json& json) {
      auto& patterns = static_cast<C&>(object).exclude_layers;
      patterns.clear();
      if (!json.is_null()) patterns = JsonTraits<std::vector<std::string>>::read(json);
    };
    c.attributes.push_back(std::move(exclude));
    for (Attribute& a : std::vector<Attribute>{
             attribute<C>("exclude_embeddings", &C::exclude_embeddings,
                          "Whether Adam moves variables with embedding in their path."),
             attribute<C>("muon_a", &C::muon_a, "Coefficient of x in a step."),
             attribute<C>("muon_b", &C::muon_b, "Coefficient of x x' x."),
             attribute<C>("muon_c", &C::muon_c, "Coefficient of x x' x x' x."),
             attribute<C>("adam_lr_ratio", &C::adam_lr_ratio, "Adam's rate over the rate."),
             attribute<C>("momentum", &C::momentum, "Part of the mean that is kept."),
             attribute<C>("ns_steps", &C::ns_steps, "Steps of Newton and Schulz.").at_least(0),
             attribute<C>("nesterov", &C::nesterov,
                          "Whether the gradient is taken one step ahead."),
             attribute<C>("rms_rate", &C::rms_rate,
                          "Size of a change, over the root of the longer side; null: as it comes."),
         })
      c.attributes.push_back(std::move(a));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Muon);

}  // namespace
}  // namespace keratin
