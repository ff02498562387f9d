#include <nlohmann/json.hpp>

#include "contracts/canonical_json.hpp"
#include "contracts/canonical_writer.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/value.hpp"
#include "crypto/digest.hpp"
#include "fuzz/targets.hpp"

namespace countersign::fuzz {

namespace {

using contracts::read_json;
using nlohmann::json;

std::size_t depth_of(const json& value) {
  std::size_t deepest = 0;
  if (!value.is_structured()) return 0;
  for (const auto& member : value) deepest = std::max(deepest, depth_of(member));
  return deepest + 1;
}

// Whatever is written down again is read as the same, and has one digest.
void comes_back(const json& value) {
  const auto again = read_json(contracts::write_json(value));
  promise(again && *again == value, "what was read and written is read as the same");
  const auto canonical = contracts::canonical_json(value);
  if (!canonical) return;
  const auto same = read_json(*canonical);
  promise(same && *same == value, "the canonical text is the same value");
  promise(crypto::sha256(*contracts::canonical_json(*same)).hex() == crypto::sha256(*canonical).hex(), "and has the same digest");
}

void within_limits(std::string_view input, const json& value) {
  const contracts::Limits limits;
  promise(input.size() <= limits.bytes && depth_of(value) <= limits.depth, "only what is within the limits is read");
  promise(json::accept(input), "nothing is read that a plain parser refuses");
  promise(json::parse(input) == value, "it is read as a plain parser reads it");
}

}  // namespace

void guarded_json(std::string_view input) {
  const auto value = read_json(input);
  const auto with_floats = read_json(input, {.floats = true});
  promise(value || !value.error().code.empty(), "a refusal has a code");
  if (with_floats)
    promise(nlohmann::json::parse(input) == *with_floats, "what is read is what every other reader reads, fractions too");
  else if (with_floats.error().code == "json_malformed" && !input.starts_with("\xEF\xBB\xBF"))
    promise(!nlohmann::json::accept(input), "what is refused as no JSON is none");
  if (!value) return;
  promise(with_floats && *with_floats == *value, "fractions are admitted beside everything else");
  within_limits(input, *value);
  comes_back(*value);
  contracts::to_value(*value);
}

}  // namespace countersign::fuzz
