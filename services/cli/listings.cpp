#include "cli/listings.hpp"

#include <nlohmann/json.hpp>

#include "cli/exit_codes.hpp"
#include "cli/findings.hpp"
#include "cli/sql.hpp"

namespace countersign::cli {

using postgres::Parameters;

int list_handoffs(const Reach& reach, const HandoffsWish& wish, const Console& console) {
  auto session = open_database(database_settings(reach));
  const auto rows = find_objects(session, sql::find_handoffs, Parameters{}.add(wish.tenant).add(wish.all).add(wish.limit));
  console.give({{"handoffs", rows}});
  console.table({"opened_at", "priority", "state", "ticket", "run", "reason", "summary"}, rows, "No handoff is open.");
  return exit_well;
}

int list_dead_letters(const Reach& reach, const DeadLettersWish& wish, const Console& console) {
  auto session = open_database(database_settings(reach));
  const auto messages = find_objects(session, sql::find_dead_letters, Parameters{}.add(wish.service).add(wish.tenant).add(wish.limit));
  const auto deliveries = find_objects(session, sql::find_dead_deliveries, Parameters{}.add(wish.tenant).add(wish.limit));
  console.give({{"messages", messages}, {"deliveries", deliveries}});
  console.table({"created_at", "group", "log", "key", "reason", "detail"}, messages, "No message was set aside.");
  if (!deliveries.empty()) console.say("");
  console.table({"ended_at", "endpoint", "ticket", "type", "attempts", "last_status", "last_error"}, deliveries,
                "No delivery was given up.");
  return exit_well;
}

}  // namespace countersign::cli
