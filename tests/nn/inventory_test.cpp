// Everything that Keras offers by name is here, or stands in the README with the reason why not.
#include <algorithm>

#include "nn/harness.h"
#include "ops/named.h"

namespace keratin {
namespace {

std::string readme() {
  std::ifstream in(std::string(KERATIN_TEST_DATA) + "/../../README.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_op(const std::string& name) {
  const auto& all = ops::named_ops();
  return std::any_of(all.begin(), all.end(), [&](const auto& op) { return op.name == name; });
}

// The first column of the section's tables.
std::string what_is_missing() {
  std::istringstream text(readme());
  std::string line, names;
  bool is_inside = false;
  while (std::getline(text, line)) {
    if (line.starts_with("## ")) is_inside = line == "## What is not here";
    if (is_inside && line.starts_with("| ")) names += line.substr(0, line.find('|', 1));
  }
  return names;
}

TEST(Inventory, IsHereOrExplained) {
  const std::string missing = what_is_missing();
  ASSERT_NE(missing, "");
  std::size_t found = 0;
  const Json inventory = test::stored("inventory.json");
  for (const auto& [kind, names] : inventory.items())
    for (const Json& json : names) {
      const std::string name = json.get<std::string>();
      const bool is_here = kind == "ops" ? is_op(name) : find_class(kind, name) != nullptr;
      const bool is_explained = missing.find("`" + name + "`") != std::string::npos;
      EXPECT_NE(is_here, is_explained)
          << kind << "." << name << (is_here ? " is here now: it leaves" : " is missing in")
          << " the tables of the README's section \"What is not here\"";
      found += is_here;
    }
  EXPECT_GT(found, 600u);
}

}  // namespace
}  // namespace keratin
