#include "model/call_form.h"

#include "core/error.h"

namespace keratin {
namespace {

constexpr const char* kTensor = "__keras_tensor__";

bool is_place(const Json& json) {
  return json.is_object() && json.size() == 1 && json.contains(kTensor);
}

Json place(std::size_t i) { return {{kTensor, i}}; }

constexpr std::size_t kNone = std::size_t(-1);

// Marks the tensors that stand in the form.
void mark(const Json& json, std::vector<bool>& stands) {
  if (json.is_object() && json.contains(kTensor)) {
    require(is_place(json) && json[kTensor].is_number_unsigned() &&
                json[kTensor].get<std::size_t>() < stands.size(),
            "form: expected {\"", kTensor, "\": a number below ", stands.size(), "}, got ",
            json.dump());
    stands[json[kTensor].get<std::size_t>()] = true;
  } else if (json.is_structured()) {
    for (const Json& item : json) mark(item, stands);
  }
}

// The numbers of the tensors in (lists of) places, kNone for null beside them; false where there is
// anything else.
bool gather(const Json& json, std::vector<std::size_t>& numbers) {
  if (is_place(json)) {
    numbers.push_back(json[kTensor].get<std::size_t>());
    return true;
  }
  if (!json.is_array()) return false;
  bool any = false;
  for (const Json& item : json) {
    if (item.is_null())
      numbers.push_back(kNone);
    else if (!gather(item, numbers))
      return false;
    any |= !item.is_null();
  }
  return any;
}

}  // namespace

Json plain_form(const Layer& layer, std::size_t count, std::optional<bool> training) {
  Json args = Json::array();
  for (std::size_t i = 0; i < count; ++i) args.push_back(place(i));
  if (layer.takes_list()) args = Json::array({args});
  Json kwargs = Json::object();
  if (training) kwargs["training"] = *training;
  return {{"args", std::move(args)}, {"kwargs", std::move(kwargs)}};
}

Json checked_form(Json form, std::size_t tensors) {
  require(form.is_object() && form.contains("args") && form["args"].is_array(),
          "form: expected {\"args\": [...], \"kwargs\": {...}}, got ", form.dump());
  if (!form.contains("kwargs")) form["kwargs"] = Json::object();
  require(form["kwargs"].is_object(), "form: expected an object of kwargs, got ",
          form["kwargs"].dump());
  std::vector<bool> stands(tensors);
  mark(form["args"], stands);
  mark(form["kwargs"], stands);
  for (std::size_t i = 0; i < tensors; ++i)
    require(stands[i], "form: tensors[", i, "] does not stand in it");
  return Json{{"args", form["args"]}, {"kwargs", form["kwargs"]}};
}

BoundCall bind_call(const Layer& layer, const Json& form, std::span<const Value> tensors) {
  const std::vector<std::string_view> names = layer.call_parameters();
  const std::size_t inputs = layer.takes_list() ? 1 : std::size_t(layer.input_count().second);
  BoundCall call;
  std::vector<std::vector<Value>> given(inputs);
  const auto add = [&](std::size_t position, const std::string& name, const Json& value) {
    std::vector<std::size_t> numbers;
    if (value.is_null()) return;
    if (!gather(value, numbers)) {
      if (name == "training" && value.is_boolean())
        call.training = value.get<bool>();
      else
        call.arguments.values[name] = value;
      return;
    }
    std::vector<Value> values;
    for (const std::size_t i : numbers) {
      require(i != kNone || position >= inputs, "layer '", layer.name, "': an input of it is null");
      values.push_back(i == kNone ? Value{} : tensors[i]);
    }
    if (position < inputs)
      given[position] = std::move(values);
    else
      call.arguments.tensors.emplace_back(name, std::move(values));
  };
  const Json& args = form["args"];
  for (std::size_t i = 0; i < args.size(); ++i) {
    require(i < names.size() || i < inputs || args[i].is_null(), "layer '", layer.name,
            "' is called with ", args.size(), " arguments; it takes at most ",
            std::max(names.size(), inputs));
    add(i, i < names.size() ? std::string(names[i]) : concat("input ", i), args[i]);
  }
  for (const auto& [key, value] : form["kwargs"].items()) {
    const auto found = std::find(names.begin(), names.end(), key);
    add(std::size_t(found - names.begin()) + (found == names.end() ? inputs : 0), key, value);
  }
  for (std::vector<Value>& values : given)
    call.inputs.insert(call.inputs.end(), values.begin(), values.end());
  return call;
}

Json written_form(const Json& form, const std::function<Json(std::size_t)>& tensor) {
  if (is_place(form)) return tensor(form[kTensor].get<std::size_t>());
  Json json = form;
  if (form.is_structured())
    for (auto& [key, value] : json.items()) value = written_form(value, tensor);
  return json;
}

Json read_form(const Json& call, const std::function<std::size_t(const Json&)>& tensor) {
  if (call.is_object() && call.contains("class_name") && call["class_name"] == kTensor)
    return place(tensor(call));
  Json form = call;
  if (call.is_structured())
    for (auto& [key, value] : form.items()) value = read_form(value, tensor);
  return form;
}

}  // namespace keratin
