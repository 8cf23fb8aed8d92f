#include "training/data.h"

#include <algorithm>
#include <cmath>

#include "core/convert.h"
#include "core/error.h"
#include "model/compile.h"

namespace keratin {
namespace {

Spec symbolic(const Tensor& tensor, DType dtype) {
  Spec spec{dtype, tensor.shape()};
  spec.shape[0] = kUnknown;
  return spec;
}

// An axis of 1 at the end is added or dropped where that makes the ranks agree, as Keras does.
Tensor fit_input(const Tensor& x, const Spec& spec, const std::string& name) {
  Shape shape = x.shape();
  if (shape.size() + 1 == spec.shape.size() && spec.shape.back() == 1)
    shape.push_back(1);
  else if (shape.size() == spec.shape.size() + 1 && shape.back() == 1)
    shape.pop_back();
  require(!x.shape().empty() && compatible(shape, spec.shape), "the input '", name,
          "': expected shape ", to_string(spec.shape), ", got ", to_string(x.shape()));
  return x.reshaped(shape);
}

// Targets keep what matters of their dtype: integers become int32, floats float32.
DType target_dtype(const Tensor& y) {
  return is_floating(y.dtype()) ? DType::kFloat32 : DType::kInt32;
}

// Class indices of one-hot rows or of single labels; -1 for what is no number.
std::int64_t class_of(const Tensor& y, std::int64_t row) {
  const std::int64_t width = y.shape().size() > 1 ? y.shape().back() : 1;
  const auto at = [&](std::int64_t i) {
    return y.dtype() == DType::kInt32 ? double(y.data<std::int32_t>()[i])
                                      : double(y.data<float>()[i]);
  };
  if (width == 1) {
    const double label = std::nearbyint(at(row));
    return std::abs(label) < 1e15 ? std::int64_t(label) : -1;
  }
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < width; ++i)
    if (at(row * width + i) > at(row * width + best)) best = i;
  return best;
}

Tensor class_weights(const Tensor& y, const std::map<std::int64_t, double>& weights,
                     const std::string& name) {
  require(y.shape().size() <= 2, "class_weight: expected the target of the output '", name,
          "' to be of rank 1 or 2, got ", to_string(y.shape()));
  constexpr std::int64_t kRows = 4096;  // converted at a time
  Tensor w(DType::kFloat32, {y.shape()[0]});
  for (std::int64_t begin = 0; begin < w.size(); begin += kRows) {
    const Tensor part = y.rows(begin, std::min(begin + kRows, w.size())).as(target_dtype(y));
    for (std::int64_t i = 0; i < part.shape()[0]; ++i) {
      const auto found = weights.find(class_of(part, i));
      w.data<float>()[begin + i] = found == weights.end() ? 1.0f : float(found->second);
    }
  }
  return w;
}

void check_rows(std::int64_t rows, const Tensor& tensor, const std::string& what) {
  require(tensor.shape()[0] == rows, what, " has ", tensor.shape()[0], " rows, the inputs have ",
          rows);
}

class Preparation {
 public:
  Preparation(Model& model, const Dataset& data) : model_(model), data_(data) {}

  Prepared inputs() {
    const std::vector<std::string> names = model_.input_names();
    const std::vector<Spec> specs = model_.input_specs();
    require(data_.x.size() == specs.size(), "the model '", model_.name, "' has ", specs.size(),
            " inputs, got data for ", data_.x.size());
    for (std::size_t i = 0; i < specs.size(); ++i) {
      add(fit_input(data_.x[i], specs[i], names[i]), specs[i].dtype);
      if (i == 0) result_.rows = result_.columns[0].shape()[0];
      check_rows(result_.rows, result_.columns[i], "the input '" + names[i] + "'");
      result_.inputs.push_back(symbolic(result_.columns[i], specs[i].dtype));
    }
    require(result_.rows > 0, "the model '", model_.name, "' got data of no rows");
    return std::move(result_);
  }

  Prepared all(const ClassWeights& class_weight) {
    result_ = inputs();
    names_ = model_.output_names();
    add_targets();
    add_weights(class_weight);
    return std::move(result_);
  }

 private:
  // One for each output, or one for each output that has a loss.
  void add_targets() {
    std::vector<std::size_t> trained, wanted(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      wanted[i] = i;
      if (model_.compiled->has_loss(model_, i)) trained.push_back(i);
    }
    if (data_.y.size() != names_.size() && data_.y.size() == trained.size()) wanted = trained;
    require(data_.y.size() == wanted.size(), "the model '", model_.name, "' has ", names_.size(),
            " outputs, got targets for ", data_.y.size());
    result_.targets.assign(names_.size(), Spec{});
    targets_.resize(names_.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const std::size_t i = wanted[k];
      targets_[i] = data_.y[k];
      require(!targets_[i].shape().empty(), "the target of the output '", names_[i],
              "': expected an axis of samples, got a scalar");
      check_rows(result_.rows, targets_[i], "the target of the output '" + names_[i] + "'");
      result_.targets[i] = symbolic(targets_[i], target_dtype(targets_[i]));
      add(targets_[i], target_dtype(targets_[i]));
    }
  }

  void add_weights(const ClassWeights& class_weight) {
    const bool by_class = std::any_of(class_weight.begin(), class_weight.end(),
                                      [](const auto& weights) { return !weights.empty(); });
    const std::size_t count = data_.sample_weight.size();
    require(!by_class || count == 0, "sample_weight and class_weight exclude each other");
    require(count <= 1 || count == names_.size(),
            "expected sample_weight for all outputs or for each of ", names_.size(), ", got ",
            count);
    for (const Tensor& given : data_.sample_weight) {
      require(!given.shape().empty(), "sample_weight: expected an axis of samples, got a scalar");
      check_rows(result_.rows, given, "sample_weight");
      add_weight(given);
    }
    if (!by_class) return;
    require(class_weight.size() <= names_.size(), "class_weight for ", class_weight.size(),
            " outputs, the model has ", names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      static const std::map<std::int64_t, double> none;
      const auto& weights = i < class_weight.size() ? class_weight[i] : none;
      require(weights.empty() || !targets_[i].empty(), "class_weight: the output '", names_[i],
              "' has no target");
      Tensor like = targets_[i].empty() || weights.empty() ? Tensor(DType::kFloat32, {result_.rows})
                                                           : targets_[i];
      add_weight(class_weights(like, weights, names_[i]));
    }
  }

  void add_weight(Tensor weight) {
    result_.weights.push_back(symbolic(weight, DType::kFloat32));
    add(std::move(weight), DType::kFloat32);
  }

  void add(Tensor column, DType dtype) {
    check_convertible(column.dtype(), dtype);
    result_.columns.push_back(std::move(column));
    result_.dtypes.push_back(dtype);
  }

  Model& model_;
  const Dataset& data_;
  Prepared result_;
  std::vector<std::string> names_;
  std::vector<Tensor> targets_;
};

}  // namespace

Dataset Dataset::part(std::int64_t begin, std::int64_t end) const {
  const auto cut = [&](const std::vector<Tensor>& tensors) {
    std::vector<Tensor> parts;
    for (const Tensor& tensor : tensors) {
      require(!tensor.shape().empty() && tensor.shape()[0] == rows(),
              "data of different numbers of rows cannot be split: ", to_string(tensor.shape()),
              " against ", rows(), " rows");
      parts.push_back(tensor.rows(begin, end));
    }
    return parts;
  };
  return {cut(x), cut(y), cut(sample_weight)};
}

void build_for_data(Model& model, const Dataset& data) {
  if (model.built()) return;
  require(data.x.size() == 1 && !data.x[0].shape().empty(), "the model '", model.name,
          "' is not built: expected one array to build it for, got ", data.x.size());
  Spec spec = symbolic(data.x[0], data.x[0].dtype());
  if (is_floating(spec.dtype)) spec.dtype = DType::kFloat32;
  model.build_for(spec);
}

Prepared Prepared::part(std::int64_t begin, std::int64_t end) const {
  Prepared part = *this;
  part.rows = end - begin;
  for (Tensor& column : part.columns) column = column.rows(begin, end);
  return part;
}

Prepared prepare_inputs(Model& model, const Dataset& data) {
  return Preparation(model, data).inputs();
}
Prepared prepare(Model& model, const Dataset& data, const ClassWeights& class_weight) {
  return Preparation(model, data).all(class_weight);
}

}  // namespace keratin
