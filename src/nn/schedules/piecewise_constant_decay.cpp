#include <algorithm>
#include <vector>

#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

// values[i] up to and including step boundaries[i], the last value after all of them.
class PiecewiseConstantDecay : public Schedule {
 public:
  std::vector<std::int64_t> boundaries;
  std::vector<double> values;

  KERATIN_CLASS
  PiecewiseConstantDecay() { name = "PiecewiseConstant"; }

  void configured() override {
    require(values.size() == boundaries.size() + 1,
            "PiecewiseConstantDecay: expected one value more than boundaries, got ", values.size(),
            " values and ", boundaries.size(), " boundaries");
    require(std::is_sorted(boundaries.begin(), boundaries.end()),
            "PiecewiseConstantDecay: expected ascending boundaries");
  }

  double at(std::int64_t step) const override {
    const auto piece = std::lower_bound(boundaries.begin(), boundaries.end(), step);
    return float(values[std::size_t(piece - boundaries.begin())]);
  }
};

const ClassInfo& PiecewiseConstantDecay::describe() {
  static const ClassInfo info = [] {
    using C = PiecewiseConstantDecay;
    ClassInfo c = schedule_info<C>("PiecewiseConstantDecay", "The rate changes at given steps.");
    c.attributes = {
        attribute<C>("boundaries", &C::boundaries, "Last steps of all pieces but one, ascending.")
            .required(),
        attribute<C>("values", &C::values, "Rate of each piece, one more than boundaries.")
            .required(),
        attribute<C>("name", &C::name, "Name of the schedule."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(PiecewiseConstantDecay);

}  // namespace
}  // namespace keratin
