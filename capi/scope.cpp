#include "capi/scope.h"

#include <set>

#include "core/json_text.h"
#include "core/registry.h"

using namespace keratin;
using namespace keratin::capi;

kt_scope::kt_scope(const Object& at_work, bool is_training)
    : object(at_work), config(json_text(config_of(at_work))), training(is_training) {}

namespace {

// Frees each of the handles once.
struct Handles {
  std::set<kt_symbolic*> all;
  ~Handles() {
    for (kt_symbolic* handle : all) kt_symbolic_free(handle);
  }
};

kt_scope& allowed(kt_scope* scope, bool may, const char* what) {
  need(scope, "scope");
  if (!may) fail(Code::kState, "not within this function: ", what);
  return *scope;
}

}  // namespace

std::vector<Value> capi::compose(kt_scope& scope, std::span<const Value> inputs,
                                 std::size_t n_outputs, const ComposeFn& fn) {
  Handles handles;  // the outputs may be inputs, or one another
  std::vector<kt_symbolic*> given, made(n_outputs, nullptr);
  for (const Value& input : inputs) {
    given.push_back(make_symbolic(input, scope.call));
    handles.all.insert(given.back());
  }
  kt_error* error = fn(given.data(), made.data());
  handles.all.insert(made.begin(), made.end());
  rethrow(error);
  std::vector<Value> values;
  for (std::size_t i = 0; i < n_outputs; ++i) {
    require(made[i] != nullptr, "the custom function left output ", i, " NULL");
    values.push_back(value_of(made[i], scope.call.get(), "output"));
  }
  return values;
}

const char* kt_scope_config(const kt_scope* scope) {
  return look(scope, [](const kt_scope& s) { return s.config.c_str(); });
}

kt_error* kt_scope_number(const kt_scope* scope, const char* attribute, double* value) {
  return give(value, "value", [&] {
    const Object& object = need(scope, "scope").object;
    const ClassInfo& info = object.info();
    const Attribute* found = info.find(&need(attribute, "attribute"));
    if (!found) fail(Code::kNotFound, info.name, " has no attribute '", attribute, "'");
    const Json json = found->get(object);
    require(json.is_number() || json.is_boolean(), info.name, ".", attribute,
            ": expected a number, it is ", json.dump());
    return json.is_boolean() ? double(json.get<bool>()) : json.get<double>();
  });
}

int kt_scope_training(const kt_scope* scope) {
  return look(scope, [](const kt_scope& s) { return s.training ? 1 : 0; });
}

kt_error* kt_scope_add_weight(kt_scope* scope, const char* name, const int64_t* shape, size_t rank,
                              const char* options) {
  return guard([&] {
    const kt_scope& s = allowed(scope, scope && scope->add_weight, "weights are added in build");
    s.add_weight(&need(name, "name"), shape_of(shape, rank, false), json_of(options, "options"));
  });
}

kt_error* kt_scope_weight(kt_scope* scope, const char* name, kt_symbolic** weight) {
  return give(weight, "weight", [&] {
    const kt_scope& s = allowed(scope, scope && scope->weight, "weights have values in call");
    return make_symbolic(s.weight(&need(name, "name")), s.call);
  });
}

kt_error* kt_scope_assign(kt_scope* scope, const char* name, const kt_symbolic* value) {
  return guard([&] {
    const kt_scope& s =
        allowed(scope, scope && scope->assign, "weights are assigned to in a call for training");
    s.assign(&need(name, "name"), value_of(value, s.call.get(), "value"));
  });
}

kt_error* kt_scope_add_loss(kt_scope* scope, const kt_symbolic* loss) {
  return guard([&] {
    const kt_scope& s =
        allowed(scope, scope && scope->add_loss, "losses are added in a layer's call");
    s.add_loss(value_of(loss, s.call.get(), "loss"));
  });
}
