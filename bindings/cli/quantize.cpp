#include <cstdio>
#include <stdexcept>

#include "commands.h"
#include "tabular_model.h"

namespace cli {

void quantize(const std::string& file, const std::string& out, const std::string& calibration,
              const std::string& target, double percentile) {
  kt::Model model = kt::Model::load(file);
  if (calibration.empty()) {
    model.quantize();
    return model.save(out);
  }
  const Table table = read_table(calibration);
  const std::vector<kt::Tensor> x = inputs_for(model, table, target);
  kt::QuantizeOptions options;
  options.calibrate(x);
  options.percentile = percentile;
  const bool evaluates = !target.empty();
  if (evaluates && !model.is_compiled())
    throw std::runtime_error(file + ": the model was saved without loss and metrics");
  std::vector<kt::Tensor> y;
  kt::Logs before;
  if (evaluates) {
    const Column& column = table.column(target);
    y = targets_for(column, task_of(column));
    before = model.evaluate(kt::Data(x, y));
  }
  model.quantize("int8", options);
  model.save(out);
  if (!evaluates) return;
  const kt::Logs after = model.evaluate(kt::Data(x, y));
  for (std::size_t i = 0; i < before.size(); ++i)
    std::printf("%s: %.6g, int8: %.6g\n", before[i].first.c_str(), before[i].second[0],
                after[i].second[0]);
}

}  // namespace cli
