// Struct decoders and schemas are two descriptions of the same messages. Here both judge every example and thousands of mutations of the
// valid ones, and must agree.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/schema_check.hpp"

namespace countersign::contracts {
namespace {

using nlohmann::json;

constexpr std::size_t depth_of_free_json = 8;
const std::filesystem::path examples = COUNTERSIGN_SOURCE_DIR "/schemas/messages/examples";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> files_of(const std::string& type, const char* verdict) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(examples / (type + ".v1") / verdict)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

struct Verdicts {
  bool by_struct;
  bool by_schema;
  std::string details;
};

Verdicts judge(const std::string& type, const std::string& text) {
  const auto value = read_json(text);
  if (!value) return {false, false, value.error().detail};
  const auto decoded = decode_value(type, *value);
  const auto checked = SchemaSet::of_messages().check(type, *value);
  return {decoded.has_value(), checked.has_value(),
          "struct: " + (decoded ? "fine" : decoded.error().detail) + "; schema: " + (checked ? "fine" : checked.error().detail)};
}

// Two rules are beyond a schema: how deep free JSON may be, which would take a definition per level, and that a plan's steps have different
// names.
bool shows_depth(const std::filesystem::path& path) { return path.stem() == "fields_too_deep"; }

std::size_t depth_of(const json& value) {
  std::size_t deepest = 0;
  if (value.is_structured())
    for (const auto& member : value) deepest = std::max(deepest, depth_of(member));
  return value.is_structured() ? deepest + 1 : 0;
}

class EveryType : public testing::TestWithParam<std::string> {};

TEST_P(EveryType, AgreesOnItsExamples) {
  const auto valid = files_of(GetParam(), "valid"), invalid = files_of(GetParam(), "invalid");
  EXPECT_GE(valid.size(), 2U);
  EXPECT_GE(invalid.size(), 6U);
  for (const auto& path : valid) {
    const auto verdicts = judge(GetParam(), read_file(path));
    EXPECT_TRUE(verdicts.by_struct && verdicts.by_schema) << path << ' ' << verdicts.details;
  }
  for (const auto& path : invalid) {
    const auto verdicts = judge(GetParam(), read_file(path));
    EXPECT_FALSE(verdicts.by_struct) << path << ' ' << verdicts.details;
    EXPECT_EQ(verdicts.by_schema, shows_depth(path)) << path << ' ' << verdicts.details;
  }
}

// Breaks one place of a document in one way.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  json mutate(json document) {
    const auto times = 1 + pick(2);
    for (std::size_t i = 0; i < times; ++i) change(choose(document));
    return document;
  }

 private:
  std::size_t pick(std::size_t bound) { return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_); }

  json& choose(json& root) {
    json* at = &root;
    while (at->is_structured() && !at->empty() && pick(5) != 0) {
      auto child = at->begin();
      std::advance(child, static_cast<std::ptrdiff_t>(pick(at->size())));
      at = &*child;
    }
    return *at;
  }

  void change(json& place) {
    switch (pick(6)) {
      case 0:
        place = replacement();
        break;
      case 1:
        remove_member(place);
        break;
      case 2:
        add_member(place);
        break;
      case 3:
        place = json::array({place});
        break;
      case 4:
        place = json{{"x", place}};
        break;
      default:
        nudge(place);
        break;
    }
  }

  void remove_member(json& place) {
    if (!place.is_structured() || place.empty()) return;
    auto child = place.begin();
    std::advance(child, static_cast<std::ptrdiff_t>(pick(place.size())));
    place.erase(child);
  }

  void add_member(json& place) {
    if (place.is_object()) place["extra_" + std::to_string(pick(3))] = replacement();
    if (place.is_array()) place.push_back(place.empty() ? replacement() : json(place[pick(place.size())]));
  }

  // A small step over a boundary.
  void nudge(json& place) {
    static const std::vector<std::string> tails{"a", "A", "/", " ", "\n", "0", "\xC3\xA9", "-", ".", "_", "\x7f"};
    if (place.is_string() && pick(8) == 0) place = std::string(1 + pick(1100), "aZ0_"[pick(4)]);
    if (place.is_string())
      place = pick(2) == 0 ? place.get<std::string>() + tails[pick(tails.size())] : tails[pick(tails.size())] + place.get<std::string>();
    if (place.is_number_integer()) place = place.get<std::int64_t>() + static_cast<std::int64_t>(pick(3)) - 1;
    if (place.is_boolean()) place = !place.get<bool>();
  }

  json replacement() {
    static const std::vector<json> all{nullptr,
                                       true,
                                       false,
                                       0,
                                       1,
                                       -1,
                                       1000,
                                       1001,
                                       9007199254740991,
                                       9007199254740992,
                                       -9007199254740992,
                                       INT64_MAX,
                                       "",
                                       "a",
                                       "A",
                                       "a/b",
                                       "a b",
                                       "1",
                                       "0",
                                       "-1",
                                       "01",
                                       "EUR",
                                       "resolved",
                                       "superseded",
                                       "high",
                                       "draft_ready",
                                       json::array(),
                                       json::object(),
                                       json::array({1}),
                                       json{{"minor", "1"}, {"currency", "EUR"}},
                                       "2024-05-01T10:00:00Z",
                                       "2024-02-30T24:00:00Z",
                                       "018f2f5e-7b7a-7c00-8000-0123456789ab",
                                       "refund@1",
                                       "refund@0",
                                       std::string(64, 'a'),
                                       std::string(65, 'a'),
                                       std::string(128, 'a'),
                                       std::string(129, 'a'),
                                       std::string(257, 'a'),
                                       std::string(16384, 'a')};
    return all[pick(all.size())];
  }

  std::mt19937_64 random_;
};

bool has_repeated_step_names(const json& document) {
  if (!document.is_object() || !document.contains("steps") || !document["steps"].is_array()) return false;
  std::set<json> names;
  for (const auto& step : document["steps"])
    if (step.is_object() && step.contains("name") && !names.insert(step["name"]).second) return true;
  return false;
}

TEST_P(EveryType, AgreesOnMutationsOfItsExamples) {
  constexpr int mutations = 300;
  Mutator mutator(20'240'501);
  int accepted = 0, refused = 0;
  for (const auto& path : files_of(GetParam(), "valid")) {
    const json document = json::parse(read_file(path));
    for (int i = 0; i < mutations; ++i) {
      const json mutated = mutator.mutate(document);
      if (has_repeated_step_names(mutated)) continue;
      const auto verdicts = judge(GetParam(), mutated.dump());
      const bool perhaps_too_deep = depth_of(mutated) > depth_of_free_json && verdicts.by_schema && !verdicts.by_struct;
      ASSERT_TRUE(verdicts.by_struct == verdicts.by_schema || perhaps_too_deep) << mutated.dump() << '\n' << verdicts.details;
      ++(verdicts.by_struct ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 20);
  EXPECT_GT(refused, 100);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Messages, EveryType, testing::ValuesIn(SchemaSet::of_messages().names()), test_name);

}  // namespace
}  // namespace countersign::contracts
