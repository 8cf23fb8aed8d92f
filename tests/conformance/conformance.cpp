// keratin_conformance FOLDER [FILTER]: plays every case below FOLDER whose area/name contains
// FILTER. A line each, "PASS area/name" or "FAIL area/name: reason"; ends on "N passed, N failed".
// Returns 0 if none failed and there were any, 2 for wrong arguments.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "player.h"

namespace fs = std::filesystem;
using namespace keratin::conformance;

namespace {

std::vector<fs::path> find_cases(const fs::path& folder) {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().filename() == "case.json") cases.push_back(entry.path().parent_path());
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The reason why it fails; empty if it passes.
std::string reason(const std::string& name, const fs::path& folder, const fs::path& scratch) {
  try {
    play(read_case(name, folder.string()), scratch.string());
    return "";
  } catch (const std::exception& error) {
    const std::string text = one_line(error.what());
    return text.empty() ? "an error without a message" : text;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || !fs::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: keratin_conformance FOLDER [FILTER]\n");
    return 2;
  }
  const std::string filter = argc == 3 ? argv[2] : "";
  const fs::path scratch =
      fs::temp_directory_path() / ("keratin_conformance_" + std::to_string(getpid()));
  fs::create_directories(scratch);
  int passed = 0, failed = 0;
  for (const fs::path& folder : find_cases(argv[1])) {
    const std::string name =
        folder.parent_path().filename().string() + "/" + folder.filename().string();
    if (name.find(filter) == std::string::npos) continue;
    const std::string why = reason(name, folder, scratch);
    ++(why.empty() ? passed : failed);
    if (why.empty())
      std::printf("PASS %s\n", name.c_str());
    else
      std::printf("FAIL %s: %s\n", name.c_str(), why.c_str());
    std::fflush(stdout);
  }
  fs::remove_all(scratch);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed || !passed ? 1 : 0;
}
