#include "training/quantize.h"

#include <algorithm>

#include "capi/handles.h"
#include "capi/options.h"

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_model_quantize(kt_model* model, const char* mode, const kt_quantize_options* options) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    const std::string name = &need(mode, "mode");
    const kt_quantize_options given = read_struct(options, KT_QUANTIZE_OPTIONS_INIT, "options");
    QuantizeOptions o;
    if (given.calibration) o.calibration = data_of(given.calibration, "options->calibration");
    o.percentile = given.percentile;
    o.batch_size = given.batch_size;
    if (given.layers) {
      const Json json = parse_json(given.layers, "options->layers");
      require(json.is_array() && std::all_of(json.begin(), json.end(),
                                             [](const Json& l) { return l.is_string(); }),
              "options->layers: expected a list of names, got ", json.dump());
      o.layers = json.get<std::vector<std::string>>();
    }
    const Changing changing(m, false);
    quantize(m, name, o);
  });
}
