// The one list of everything that can be made by name: layers, losses, metrics, optimizers, ...
//
// A class joins by KERATIN_REGISTER in its own source file. The macro puts a pointer to its
// describe() into a section of the object file, which the linker gathers: no central list, and no
// static constructors.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/attributes.h"

namespace keratin {

struct ClassInfo {
  std::string kind;    // "layers", "losses", "metrics", "optimizers", "schedules", "initializers",
                       // "regularizers", "constraints", "callbacks", "activations"
  std::string name;    // Keras' class (or function) name: "Dense", "relu"
  std::string module;  // Keras' module: "keras.layers"
  std::string doc;     // a sentence or a few
  std::vector<std::string> aliases;  // other names it goes by: "mse"
  std::vector<Attribute> attributes;
  std::function<std::shared_ptr<Object>()> make;
  // Where attributes do not tell it all (models, which hold layers): these take their place.
  std::function<std::shared_ptr<Object>(const Json& config)> from_config;
  std::function<Json(const Object&)> get_config;
  Json registered_name;      // null but for few
  bool as_function = false;  // written as its bare name where all attributes have their defaults

  ClassInfo();
  ClassInfo(const ClassInfo& other);
  ClassInfo(ClassInfo&& other) noexcept;
  ClassInfo& operator=(ClassInfo&& other) noexcept;
  ~ClassInfo();

  const Attribute* find(std::string_view attribute) const;
};

ClassInfo class_info(std::string_view kind, std::string_view name, std::string_view module,
                     std::string_view doc, MakeObject make);

// Begins a ClassInfo for C; describe() of a class reads
//   static const ClassInfo info = [] {
//     ClassInfo c = class_info<Dense>("layers", "Dense", "keras.layers", "A fully connected
//     layer."); c.attributes = Layer::base_attributes<Dense>();
//     c.attributes.push_back(attribute<Dense>("units", &Dense::units, "Width of the
//     output.").required().above(0)); return c;
//   }();
//   return info;
template <class C>
ClassInfo class_info(std::string_view kind, std::string_view name, std::string_view module,
                     std::string_view doc) {
  return class_info(kind, name, module, doc, &make_object<C>);
}

// In the public part of a class: declares describe() and answers info() with it.
#define KERATIN_CLASS                            \
  static const ::keratin::ClassInfo& describe(); \
  const ::keratin::ClassInfo& info() const override { return describe(); }

using DescribeFn = const ClassInfo& (*)();

#define KERATIN_REGISTER(C)                                                                    \
  [[gnu::used,                                                                                 \
    gnu::section("keratin_registry")]] static constinit ::keratin::DescribeFn registered_##C = \
      &C::describe

// All below: any thread.

// The class of that kind, found by name, alias or the name in snake case ("glorot_uniform"); NULL
// if none.
const ClassInfo* find_class(std::string_view kind, std::string_view name);

// Every class of a kind, by name; of all kinds if `kind` is empty.
std::vector<const ClassInfo*> list_classes(std::string_view kind = {});

// Adds a class made outside the library; throws kInvalidArgument if the name is taken. It stays for
// the life of the process.
const ClassInfo& add_class(ClassInfo info);

// Makes an object from its class name and configuration (an object of attributes; what is absent
// has its default). Throws kNotFound for an unknown class, kInvalidArgument naming class and
// attribute. An unknown key is an error unless its value is null.
std::shared_ptr<Object> create(std::string_view kind, std::string_view name, const Json& config);
void configure(Object& object, const Json& config);

// Keras' configuration of an object: every attribute with its value.
Json config_of(const Object& object);

// Keras' serialized form, {"module", "class_name", "config", "registered_name"}; a bare name for
// as_function classes; null for NULL. And back: also takes a bare name.
Json serialize(const Object* object);
std::shared_ptr<Object> deserialize(std::string_view kind, const Json& json);

// "BatchNormalization" -> "batch_normalization", "Conv2D" -> "conv2d", as Keras names layers.
std::string to_snake_case(std::string_view name);

template <class Base>
std::shared_ptr<Base> deserialize_as(const Json& json) {
  return std::static_pointer_cast<Base>(deserialize(Base::kKind, json));
}

template <class Base>
struct JsonTraits<std::shared_ptr<Base>> {
  static std::shared_ptr<Base> read(const Json& json) { return deserialize_as<Base>(json); }
  static Json write(const std::shared_ptr<Base>& value) { return serialize(value.get()); }
  static std::string type() { return std::string(Base::kKind) + "?"; }
};

}  // namespace keratin
