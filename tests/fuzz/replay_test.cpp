// Every input of the corpus and every input that was once found, through its target, in any build.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz/targets.hpp"

namespace countersign::fuzz {
namespace {

using std::filesystem::path;

struct Target {
  const char* name;
  void (*run)(std::string_view);
};

constexpr Target targets[] = {
    {"guarded_json", guarded_json},   {"envelope", envelope}, {"jws", jws},          {"policy_document", policy_document},
    {"tool_manifest", tool_manifest}, {"playbook", playbook}, {"outgoing", outgoing}};

const path here = path(COUNTERSIGN_SOURCE_DIR) / "tests" / "fuzz";

std::vector<path> files_in(const path& folder) {
  std::vector<path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

class Replay : public testing::TestWithParam<Target> {
 protected:
  void replay(const path& folder) {
    for (const auto& file : files_in(folder)) {
      SCOPED_TRACE(file.string());
      EXPECT_NO_THROW(GetParam().run(bytes_of(file)));
    }
  }
};

TEST_P(Replay, TheCorpusKeepsEveryPromise) {
  EXPECT_FALSE(files_in(here / "corpus" / GetParam().name).empty());
  replay(here / "corpus" / GetParam().name);
}

TEST_P(Replay, WhatWasFoundStaysMended) { replay(here / "regressions" / GetParam().name); }

TEST_P(Replay, HalfOfAnInputKeepsEveryPromiseToo) {
  for (const auto& file : files_in(here / "corpus" / GetParam().name)) {
    SCOPED_TRACE(file.string());
    const auto bytes = bytes_of(file);
    EXPECT_NO_THROW(GetParam().run(std::string_view(bytes).substr(0, bytes.size() / 2)));
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(targets), [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace countersign::fuzz
