#include "cli/doctor.hpp"

#include <exception>

#include "cli/database_checks.hpp"
#include "cli/exit_codes.hpp"
#include "cli/kafka_checks.hpp"
#include "cli/topics.hpp"

namespace countersign::cli {

namespace {

// What the brokers need is known only from the configuration; without it, main's.
std::vector<std::string> realms_or_main(postgres::Session* session) {
  try {
    if (session != nullptr) return active_realms(*session);
  } catch (const std::exception&) {
    // The database checks have said what is wrong with it.
  }
  return {"main"};
}

}  // namespace

int examine(const Reach& reach, const Console& console) {
  Examination examination;
  const auto session = check_database(reach, examination);
  if (session) {
    check_roles(*session, examination);
    if (check_schema_version(*session, examination)) {
      check_configuration(*session, examination);
      check_leases(*session, examination);
      check_waiting(*session, examination);
      check_counters(*session, examination);
      check_endpoints(*session, examination);
    }
    check_clock(*session, examination);
    check_old_snapshots(*session, examination);
  }
  check_kafka(reach, realms_or_main(session.get()), examination);
  examination.report(console);
  return examination.any_ill() ? exit_not_well : exit_well;
}

}  // namespace countersign::cli
