// The base of all layers: fields (attributes), build, call, config, in this order in each of them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/registry.h"
#include "graph/graph.h"
#include "nn/constraints/constraint.h"
#include "nn/initializers/initializer.h"
#include "nn/layers/remat.h"
#include "nn/regularizers/regularizer.h"

namespace keratin {

class Layer;
struct Int8Weight;  // quantize.h
using LayerPtr = std::shared_ptr<Layer>;

// A variable of a layer with what is applied to it.
struct Weight {
  VariablePtr variable;
  RegularizerPtr regularizer;  // may be NULL
  ConstraintPtr constraint;    // may be NULL
};

// What a call gets besides its inputs and the mode, by the names of Keras' call(): tensors
// (initial_state=[h, c], mask=m) and plain values (use_causal_mask=True).
struct CallArguments {
  std::vector<std::pair<std::string, std::vector<Value>>> tensors;
  Json values = Json::object();

  std::span<const Value> find(std::string_view name) const;  // empty: not given
  bool flag(const char* name) const;                         // of values; false if not given
};

// What a call of a layer gets besides its inputs, and where it leaves more than its outputs.
class CallContext {
 public:
  explicit CallContext(Graph& g, bool is_training = false, std::vector<Value> l = {})
      : graph(g), training(is_training), losses(std::move(l)) {}

  Graph& graph;
  bool training;
  std::vector<Value> losses;  // scalars added to the loss (add_loss, activity regularizers)

  // Of the call at hand, set by apply(): the arguments, and the mask of each input (given as
  // "mask", or what the input carries; a null Value: none).
  CallArguments arguments;
  std::vector<Value> masks;
  int depth = 0;  // of calls within calls

  // Where given, apply() notes here what each layer gets first: for calibration.
  std::vector<std::pair<Layer*, Value>>* observed = nullptr;

  // Masks ride beside values: which steps of [batch, time, ...] count, as 1 or 0 of a floating
  // dtype, [batch, time]. A null Value: all do.
  Value mask_of(Value value) const;
  void set_mask(Value value, Value mask) { set_mask(value, mask, mask); }

  // In a run of Keras, MultiHeadAttention takes the masks of its inputs away from what comes later;
  // but layers whose call has a mask among its parameters got theirs when the model was made. So
  // there are two, which differ after take_mask() alone: mask_of, and this.
  Value mask_when_made(Value value) const;
  void take_mask(Value value);
  void set_mask(Value value, Value mask, Value when_made);

 private:
  struct Carried {
    Value value, mask, when_made;
  };
  std::vector<Carried> carried_;  // the latest last
};

class Layer : public Object, public std::enable_shared_from_this<Layer> {
 public:
  static constexpr const char* kKind = "layers";

  std::string
      name;  // unique within a model; given by unique_name() where the configuration has none
  bool trainable =
      true;  // false: no weight of it is trained, and BatchNormalization uses its moving statistics
  Json dtype;  // Keras' policy, by name or serialized; null: dtype_policy()
  RegularizerPtr activity_regularizer;  // of its outputs, divided by the batch size; may be NULL

  // What all layers have, in Keras' order, for describe().
  template <class C>
  static std::vector<Attribute> base_attributes() {
    return {name_attribute<C>(),
            attribute<C>("trainable", &Layer::trainable, "Whether its weights are trained."),
            attribute<C>("dtype", &Layer::dtype, "Computation and variable dtype policy."),
            attribute<C>("activity_regularizer", &Layer::activity_regularizer,
                         "Penalty on the outputs, divided by the batch size.")
                .omitted_if_default()};
  }
  template <class C>
  static Attribute name_attribute() {
    Attribute a = attribute<C>("name", &Layer::name,
                               "Name of the layer; made from the class if empty or null.");
    a.type += "?";
    a.default_value = nullptr;
    a.set = [](Object& object, const Json& json) {
      static_cast<Layer&>(object).name = json.is_null() ? "" : JsonTraits<std::string>::read(json);
    };
    return a;
  }
  void configured() override;  // names the layer, writes out the policy; overriders call it

  // How many inputs one call takes.
  virtual std::pair<int, int> input_count() const { return {1, 1}; }
  virtual bool takes_list() const {
    return input_count().second != 1;
  }  // Keras: call([a, b]) against call(a)
  // Whether floating inputs of another dtype are cast to the layer's own before call().
  virtual bool autocast() const { return true; }

  // Creates the weights for inputs of these shapes (batch axis kUnknown); called once, by
  // ensure_built.
  virtual void build(std::span<const Shape> /*inputs*/) {}
  void ensure_built(std::span<const Shape> inputs);
  bool built() const { return built_; }
  const std::vector<Shape>& build_shapes() const { return build_shapes_; }

  // The layer's arithmetic. Errors need not name the layer: apply() adds it.
  virtual std::vector<Value> call(CallContext& context, std::span<const Value> inputs) = 0;
  // Checks the number of inputs, builds where needed, calls; errors name the layer.
  std::vector<Value> apply(CallContext& context, std::span<const Value> inputs,
                           CallArguments arguments = {});
  // The parameters of Keras' call() in order, without `training`: first those that are inputs (one
  // for all where it takes a list). Every call may be given a "mask".
  virtual std::vector<std::string_view> call_parameters() const { return {"inputs", "mask"}; }

  // Keras' supports_masking: without it, the outputs carry no mask.
  virtual bool supports_masking() const { return false; }
  // The mask of the output (of the first of several; call() may set_mask() those of others itself,
  // and then of all), context.masks being those of the inputs. By default the first input's.
  virtual Value compute_mask(CallContext& context, std::span<const Value> inputs) const;

  // Its own weights, trainable ones first, each group in order of creation.
  std::vector<Weight> own_weights() const;
  // Layers inside it, with the names under which Keras' files keep them ("layers/dense", "cell",
  // "forward_layer").
  virtual std::vector<std::pair<std::string, LayerPtr>> children() const { return {}; }
  // State that is not a weight: seed generators, under "seed_generator".
  const VariablePtr& seed_state() const { return seed_state_; }

  // State of its own that Keras' files keep by name and not among the weights.
  virtual std::vector<std::pair<std::string, VariablePtr>> named_state() const { return {}; }
  // Files that stand beside the weights in an archive (a vocabulary), by name; and back, before the
  // named state is read.
  virtual std::map<std::string, std::string> assets() const { return {}; }
  virtual void load_assets(const std::map<std::string, std::string>& /*files*/) {}
  // Learns from data what is not trained: [samples, ...]. Throws kUnsupported where there is
  // nothing to learn, kState where it was given. Before models that hold the layer are compiled or
  // predict.
  virtual void adapt(const Tensor& data);

  // Keras' quantize("int8"). kStatic: only with input_scale() set, which Keras does not know.
  enum class Int8Form { kNone, kDynamic, kStatic };
  virtual Int8Form int8_form() const { return Int8Form::kNone; }
  bool quantized() const;     // by its dtype policy
  virtual void quantize() {}  // of a built layer that is not yet and has such a form
  // 127 over the largest magnitude of its inputs as calibration found it; 0: found anew by each
  // call. A scalar float32, no weight; NULL where it is not quantized.
  virtual VariablePtr input_scale() const { return {}; }

  // Its own weights in the order of Keras' files.
  virtual std::vector<VariablePtr> saved_variables() const;

  // Own weights, then those of the children: Keras' `layer.weights`.
  std::vector<Weight> weights() const;
  // Sets `trainable` here and in every layer inside, as Keras' setter does. Plans made before know
  // nothing of it: the model that holds the layer must forget them.
  void set_trainable(bool value);
  // Whether `variable.trainable` and each layer on the way down to it are; in Keras' order.
  std::vector<Weight> trainable_weights() const;

  // Keras' build_config: {"input_shape": ...}; null where Keras writes none.
  virtual Json build_config() const;

  // Weights that come from outside the usual way (Normalization's given mean): called after
  // variables were loaded.
  virtual void weights_loaded() {}

  // The models that hold it directly: kept by src/model (holders.h).
  std::vector<std::weak_ptr<Layer>> holders;

 protected:
  // An initializer that is NULL is Keras' default, Glorot's uniform; the dtype is by default the
  // layer's.
  VariablePtr add_weight(std::string weight_name, Shape shape, const InitializerPtr& initializer,
                         bool trainable_weight = true, RegularizerPtr regularizer = {},
                         ConstraintPtr constraint = {}, std::optional<DType> weight_dtype = {});
  // Counts a weight of a layer inside among its own as well, as Keras does where a layer keeps a
  // reference to it.
  void share_weight(const Weight& weight);
  // A random state for dropout and its kin, from the seed, or next_global_seed() where there is
  // none.
  void add_seed_state(std::optional<std::int64_t> seed);
  // Makes a weight int8, trained no longer: times 127 over the largest magnitude along its first
  // axes, which are all but `kept` (or, with kept = 0, along its last); the scales become a weight,
  // too. The policy follows. (quantize.cpp)
  void quantize_weight(const VariablePtr& weight, std::size_t kept, Shape scale_shape,
                       Int8Weight& form);
  // The same weights of a layer that is quantized from the beginning.
  VariablePtr add_quantized_weight(const std::string& weight_name, Shape shape, Shape scale_shape,
                                   Int8Weight& form);
  void set_quantized_policy();
  // Of its tensors; throws kUnsupported for policies other than float32, float64 and
  // mixed_bfloat16, which keeps tensors in float32 and rounds the operands of products alone.
  DType compute_dtype() const;

 private:
  void build_once(std::span<const Shape> inputs);
  std::vector<Value> masked_call(CallContext& context, std::span<const Value> inputs,
                                 std::vector<Value>& masks_of_run);

  const Remat remat_ = remat();
  bool built_ = false;
  std::vector<Shape> build_shapes_;
  std::vector<Weight> trainable_, non_trainable_;
  VariablePtr seed_state_;
};

// "dense", "dense_1", ...: Keras' automatic names, counted over the process (any thread).
std::string unique_name(std::string_view class_name);
void reset_names();  // keras.utils.clear_session()

// Keras' keras.config.dtype_policy(): of layers made without one; any thread. Throws kUnsupported
// for what no layer takes.
void set_dtype_policy(std::string_view name);
std::string dtype_policy();

// {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, ...} ->
// "float32".
std::string policy_name(const Json& dtype);

}  // namespace keratin
