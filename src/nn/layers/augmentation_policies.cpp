// Augmentations made of others: RandomColorJitter, RandAugment, AugMix; and MaxNumBoundingBoxes,
// which does not change images.
#include "core/random.h"
#include "nn/layers/augmentation.h"
#include "ops/elementwise.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Its layers see images with the channels last.
class Policy : public Augmentation {
 public:
  using Augmentation::Augmentation;
  std::vector<std::pair<std::string, LayerPtr>> children() const override { return layers_; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    context_ = &context;
    std::vector<Value> outputs = Augmentation::call(context, inputs);
    context_ = nullptr;
    return outputs;
  }

 protected:
  void add(const char* class_name, Json config, bool with_range, bool with_seed = true) {
    if (with_range) config["value_range"] = value_range;
    if (with_seed) config["seed"] = seed.json;
    config["dtype"] = dtype;
    layers_.emplace_back(to_snake_case(class_name),
                         std::static_pointer_cast<Layer>(create("layers", class_name, config)));
  }

  // What Keras' two policies choose from, in its order; `factor` is checked.
  void add_all(const Json& factor, const std::string& interpolation, bool with_colors) {
    const Json affine = {{"interpolation", interpolation}};
    const auto both = [&](const char* a, const char* b) {
      Json config = affine;
      config[a] = config[b] = factor;
      return config;
    };
    add("RandomShear", both("x_factor", "y_factor"), false);
    add("RandomTranslation", both("height_factor", "width_factor"), false);
    add("RandomRotation", both("factor", "factor"), false);
    if (with_colors)
      for (const char* color :
           {"RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomSharpness"})
        add(color, {{"factor", factor}}, true);
    const auto bits = static_cast<std::int64_t>(8 * factor[1].get<double>());
    add("RandomPosterization", {{"factor", std::max<std::int64_t>(bits, 1)}}, true);
    add("Solarization", {{"addition_factor", factor}, {"threshold_factor", factor}}, true);
    add("AutoContrast", Json::object(), true, false);
    add("Equalization", Json::object(), true, false);
  }

  Value applied(std::size_t layer, Value images) const {
    return layers_[layer].second->apply(*context_, std::vector<Value>{images})[0];
  }
  std::size_t count() const { return layers_.size(); }
  void clear() { layers_.clear(); }

 private:
  std::vector<std::pair<std::string, LayerPtr>> layers_;
  CallContext* context_ = nullptr;  // of the call at hand
};

class RandomColorJitter : public Policy {
 public:
  Json brightness_factor, contrast_factor, saturation_factor, hue_factor;

  RandomColorJitter() : Policy(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    Policy::configured();
    clear();
    for (const auto& [class_name, factor] :
         {std::pair("RandomBrightness", brightness_factor),
          std::pair("RandomContrast", contrast_factor),
          std::pair("RandomSaturation", saturation_factor), std::pair("RandomHue", hue_factor)})
      if (!factor.is_null()) add(class_name, {{"factor", factor}}, true);
  }

 protected:
  bool always_floats() const override { return false; }
  Value augment(Value images) const override {
    for (std::size_t i = 0; i < count(); ++i) images = applied(i, images);
    return images;
  }
};

const ClassInfo& RandomColorJitter::describe() {
  static const ClassInfo info = [] {
    using C = RandomColorJitter;
    ClassInfo c = augmentation_info<C>(
        "RandomColorJitter", "In training, changes brightness, contrast, saturation and hue.");
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."),
         attribute<C>("brightness_factor", &C::brightness_factor,
                      "As of RandomBrightness; null: not at all. So the others."),
         attribute<C>("contrast_factor", &C::contrast_factor, "As of RandomContrast."),
         attribute<C>("saturation_factor", &C::saturation_factor, "As of RandomSaturation."),
         attribute<C>("hue_factor", &C::hue_factor, "As of RandomHue.")});
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandomColorJitter);

class RandAugment : public Policy {
 public:
  std::int64_t num_ops = 2;
  Json factor = 0.5;
  std::string interpolation = "bilinear";

  RandAugment() : Policy(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    Policy::configured();
    read_factor(*this, "factor", factor, {0, 1});
    clear();
    add_all(factor, interpolation, true);
  }

 protected:
  // Of the whole batch, the same layers.
  Value augment(Value images) const override {
    for (std::int64_t i = 0; i < num_ops; ++i) {
      const Value choice = ops::floor(draw_one(images, {0, double(count())}));
      Value result = images;
      for (std::size_t k = 0; k < count(); ++k)
        result = ops::where(ops::equal(choice, double(k)), applied(k, images), result);
      images = result;
    }
    return images;
  }
};

const ClassInfo& RandAugment::describe() {
  static const ClassInfo info = [] {
    using C = RandAugment;
    ClassInfo c =
        augmentation_info<C>("RandAugment", "In training, applies some of eleven changes.");
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."),
         attribute<C>("num_ops", &C::num_ops, "How many of them.").at_least(0),
         attribute<C>("factor", &C::factor, "How strongly: a number or two."),
         attribute<C>("interpolation", &C::interpolation, "What stands between pixels.")
             .one_of({"nearest", "bilinear"})});
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RandAugment);

class AugMix : public Policy {
 public:
  std::int64_t num_chains = 3, chain_depth = 3;
  Json factor = 0.3;
  double alpha = 1.0;
  bool all_ops = true;
  std::string interpolation = "bilinear";

  AugMix() : Policy(describe) {}
  static const ClassInfo& describe();
  void configured() override {
    Policy::configured();
    read_factor(*this, "factor", factor, {0, 1});
    clear();
    add_all(factor, interpolation, all_ops);
  }

 protected:
  // Which layers a chain has is chosen when the graph is made, as in Keras under jit; how they and
  // the chains are mixed, in each step.
  Value augment(Value images) const override {
    Graph& graph = images.graph();
    const Value shape = graph.constant(alpha, images.dtype());
    const Value one = graph.constant(0.0, images.dtype());
    const Value a = ops::random_log_gamma(seed_state(), shape, one);
    const Value b = ops::random_log_gamma(seed_state(), shape, one);
    // A Dirichlet distribution: gamma numbers over their sum.
    const Value each = ops::random_log_gamma(seed_state(), shape,
                                             graph.constant(Tensor(images.dtype(), {num_chains})));
    const Value shares = ops::exp(each - ops::max(each));
    const Value total = ops::sum(shares);

    Random random(std::uint64_t(seed.value().value_or(next_global_seed())), 1);
    Value mixed;
    for (std::int64_t chain = 0; chain < num_chains; ++chain) {
      Value changed = images;
      for (std::int64_t i = 0; i < chain_depth; ++i)
        if (const auto choice = std::size_t(random.below(std::int64_t(count()) + 1));
            choice < count())
          changed = applied(choice, changed);
      changed = changed * (ops::slice(shares, 0, chain, chain + 1) / total);
      mixed = mixed ? mixed + changed : changed;
    }
    const Value kept = ops::sigmoid(a - b);
    return clip_to_range(kept * images + (1.0 - kept) * mixed);
  }
};

const ClassInfo& AugMix::describe() {
  static const ClassInfo info = [] {
    using C = AugMix;
    ClassInfo c =
        augmentation_info<C>("AugMix", "In training, mixes images with chains of their changes.");
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("value_range", &C::value_range, "Smallest and largest value of pixels."),
         attribute<C>("num_chains", &C::num_chains, "How many are mixed.").at_least(1),
         attribute<C>("chain_depth", &C::chain_depth, "Changes in a chain, at most.").at_least(0),
         attribute<C>("factor", &C::factor, "How strongly: a number or two."),
         attribute<C>("alpha", &C::alpha, "Shape of the shares' distribution.").above(0),
         attribute<C>("all_ops", &C::all_ops, "Whether colors are changed, too."),
         attribute<C>("interpolation", &C::interpolation, "What stands between pixels.")
             .one_of({"nearest", "bilinear"})});
    add_common<C>(c, false);
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AugMix);

// Of images alone, which are all that layers take here, it changes nothing.
class MaxNumBoundingBoxes : public Augmentation {
 public:
  std::int64_t max_number = 0, fill_value = -1;

  MaxNumBoundingBoxes() : Augmentation(describe) {}
  static const ClassInfo& describe();
  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {inputs[0]};
  }

 protected:
  bool is_random() const override { return false; }
  Value augment(Value images) const override { return images; }
};

const ClassInfo& MaxNumBoundingBoxes::describe() {
  static const ClassInfo info = [] {
    using C = MaxNumBoundingBoxes;
    ClassInfo c = augmentation_info<C>("MaxNumBoundingBoxes",
                                       "Limits bounding boxes; images stay as they are.");
    c.attributes.push_back(
        attribute<C>("max_number", &C::max_number, "How many boxes.").required().at_least(0));
    c.attributes.push_back(attribute<C>("fill_value", &C::fill_value, "Of boxes that are missing.")
                               .omitted_if_default());
    c.attributes.push_back(data_format_attribute<C>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MaxNumBoundingBoxes);

}  // namespace
}  // namespace keratin
