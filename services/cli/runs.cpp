#include "cli/runs.hpp"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.hpp"
#include "cli/exit_codes.hpp"
#include "cli/findings.hpp"
#include "cli/run_story.hpp"
#include "cli/sql.hpp"
#include "contracts/message_key.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Parameters;

constexpr std::chrono::milliseconds between_looks{500};
const std::vector<std::string> columns{"id",    "version",  "state",     "stop_reason", "turns",
                                       "agent", "playbook", "opened_at", "stopped_at",  "codes"};

RunId parse_id(const std::string& text) {
  const auto last = text.rfind('/');
  const auto whole = contracts::split_key(text);
  if (whole) return {whole->tenant, whole->ticket, 0};
  std::int32_t run = 0;
  const auto key = last == std::string::npos ? std::nullopt : contracts::split_key(text.substr(0, last));
  const char* begin = text.data() + last + 1;
  const char* end = text.data() + text.size();
  if (!key || std::from_chars(begin, end, run).ptr != end || run < 1)
    throw Misused("ID is tenant/ticket or tenant/ticket/run, not '" + text + "'");
  return {key->tenant, key->ticket, run};
}

std::vector<json> find_runs(postgres::Session& session, const RunsWish& wish) {
  return find_objects(session, sql::find_runs, Parameters{}.add(wish.tenant).add(wish.stop_reason).add(wish.limit));
}

int follow_runs(postgres::Session& session, const RunsWish& wish, const Console& console) {
  base::SystemClock clock;
  std::map<std::string, json> shown_before;
  for (;; clock.wait({}, between_looks)) {
    auto rows = find_runs(session, wish);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      json& before = shown_before[row->at("id").get<std::string>()];
      if (before == *row) continue;
      before = *row;
      console.give(*row);
      console.say(shown(row->at("id")) + "  version " + shown(row->at("version")) + "  " + shown(row->at("state")) + "  " +
                  shown(row->at("stop_reason")) + "  " + shown(row->at("codes")));
    }
  }
}

bool stopped(const json& story) { return story.at("run").is_object() && story.at("run").at("state") == "stopped"; }

int show_one(postgres::Session& session, const RunId& id, const RunsWish& wish, const Console& console) {
  base::SystemClock clock;
  auto story = find_run_story(session, id);
  std::size_t told = 0;
  while (wish.watch && !stopped(story)) {
    const auto& history = story.at("history");
    for (; told < history.size(); ++told) console.say(history_line(history[told]));
    clock.wait({}, between_looks);
    story = find_run_story(session, id);
  }
  console.give(story);
  if (story.at("ticket").is_null()) {
    console.warn("there is no ticket " + id.tenant + "/" + id.ticket);
    return exit_not_well;
  }
  for (const auto& line : story_lines(story)) console.say(line);
  return exit_well;
}

}  // namespace

int show_runs(const Reach& reach, const RunsWish& wish, const Console& console) {
  const auto id = wish.id.empty() ? std::optional<RunId>{} : parse_id(wish.id);
  auto session = open_database(database_settings(reach));
  if (id) return show_one(session, *id, wish, console);
  if (wish.watch) return follow_runs(session, wish, console);
  const auto rows = find_runs(session, wish);
  console.give({{"runs", rows}});
  console.table(columns, rows, "There are no runs.");
  return exit_well;
}

}  // namespace countersign::cli
