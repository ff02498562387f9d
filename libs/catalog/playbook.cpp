#include "catalog/playbook.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "catalog/mistakes.hpp"
#include "contracts/codec.hpp"
#include "contracts/parts.hpp"
#include "contracts/value.hpp"
#include "domain/arguments.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

PlaybookMatch read_match(const json& body, Mistakes& mistakes) {
  PlaybookMatch match{body.at("pointer"), {}};
  mistakes.pointer(match.pointer);
  for (const auto& value : body.value("in", json::array())) match.in.emplace_back(value);
  return match;
}

PlaybookTurn read_turn(const json& body, Mistakes& mistakes) {
  PlaybookTurn turn{body.at("on"), body.value("codes", std::vector<std::string>{}), {}, std::nullopt};
  contracts::Mistake mistake;
  for (json step : body.value("steps", json::array())) turn.steps.push_back(contracts::read_step({step, "/steps", mistake}));
  if (body.contains("close")) {
    json close = body.at("close");  // which the reader takes apart
    turn.close = contracts::read_close({close, "/close", mistake});
  }
  if (mistake.made()) mistakes.add("turn " + turn.on + ": " + mistake.refusal().detail);
  return turn;
}

// A step may refer to steps of its own turn that come before it: only they can have succeeded by then.
void check_steps(const PlaybookTurn& turn, Mistakes& mistakes) {
  std::set<std::string> earlier;
  for (const auto& step : turn.steps) {
    const std::string where = "turn " + turn.on + ", step " + step.name + ": ";
    const auto wanted = domain::evidence_steps_of(contracts::to_value(step.arguments));
    if (!wanted) mistakes.add(where + wanted.error().detail);
    for (const auto& name : wanted.value_or(std::vector<std::string>{}))
      mistakes.check(earlier.contains(name), where + name + " is not an earlier step");
    mistakes.check(earlier.insert(step.name).second, where + "another step has this name");
  }
}

const json* find_at(const json& document, const std::string& pointer) {
  const auto parsed = domain::Pointer::parse(pointer);
  if (!parsed) return nullptr;
  const json* at = &document;
  for (const auto& token : parsed->tokens()) {
    if (at->is_array() && !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
        token.size() < 6) {
      const auto index = std::stoul(token);
      at = index < at->size() ? &(*at)[index] : nullptr;
    } else {
      const auto member = at->is_object() ? at->find(token) : at->end();
      at = at->is_object() && member != at->end() ? &*member : nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool holds(const PlaybookMatch& match, const json& ticket) {
  const json* value = find_at(ticket, match.pointer);
  if (value == nullptr || value->is_null()) return false;
  return match.in.empty() ||
         std::any_of(match.in.begin(), match.in.end(), [value](const auto& wanted) { return wanted.value() == *value; });
}

}  // namespace

bool matches(const Playbook& playbook, const contracts::Json& ticket) {
  return std::all_of(playbook.match.begin(), playbook.match.end(), [&](const auto& match) { return holds(match, ticket.value()); });
}

base::Result<Playbook> parse_playbook(const Document& document) {
  if (auto fine = check_kind(document, "playbook"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Mistakes mistakes;
  Playbook playbook{.tenant = document.tenant,
                    .name = document.name,
                    .version = document.version,
                    .agent = {body.at("agent").at("name"), body.at("agent").at("version")},
                    .category = body.at("category"),
                    .match = {},
                    .priority = body.value("priority", std::int64_t{0}),
                    .turns = {}};
  for (const auto& match : body.at("match").at("all")) playbook.match.push_back(read_match(match, mistakes));
  for (const auto& turn : body.at("turns")) playbook.turns.push_back(read_turn(turn, mistakes));
  for (const auto& turn : playbook.turns) check_steps(turn, mistakes);
  const auto starts = std::count_if(playbook.turns.begin(), playbook.turns.end(), [](const auto& turn) { return turn.on == "start"; });
  mistakes.check(starts == 1, "a playbook has exactly one turn on start");
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return playbook;
}

}  // namespace countersign::catalog
