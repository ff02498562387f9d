#pragma once

// The checks of doctor that ask PostgreSQL. Each adds its findings to the examination.

#include <memory>

#include "cli/examination.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

// Null when the database cannot be reached.
std::unique_ptr<postgres::Session> check_database(const Reach& reach, Examination& examination);
void check_roles(postgres::Session& session, Examination& examination);
// False when the tables that other checks read are not there.
bool check_schema_version(postgres::Session& session, Examination& examination);
void check_configuration(postgres::Session& session, Examination& examination);
// Whether each service has a living process, and no two processes have one name.
void check_leases(postgres::Session& session, Examination& examination);
// Messages that wait: stranded in an outbox, or parked behind a gap.
void check_waiting(postgres::Session& session, Examination& examination);
// Whether the counters of every ticket are there. Without them its sequences begin again, and its readers drop or park what comes.
void check_counters(postgres::Session& session, Examination& examination);
// Endpoints that are sent nothing, or only probes.
void check_endpoints(postgres::Session& session, Examination& examination);
void check_clock(postgres::Session& session, Examination& examination);
// A snapshot held open for long makes every queue in the database slow.
void check_old_snapshots(postgres::Session& session, Examination& examination);

}  // namespace countersign::cli
