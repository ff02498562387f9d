#include <gtest/gtest.h>

#include "cli/sql.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

// Statements of the processing core name no schema; every service has the tables they mean.
TEST(CliSqlTest, EveryStatementIsAcceptedByTheMigratedSchema) {
  const postgres::testing::ScratchDatabase database{schema::fleet_blueprint()};
  auto settings = database.settings();
  settings.search_path = "executor";
  postgres::Session session{settings};
  for (const auto& statement : sql::all) {
    SCOPED_TRACE(statement.name);
    if (std::string_view(statement.name) == "set_read_only") continue;  // no query, so nothing to prepare
    EXPECT_NO_THROW(session.execute_script(std::string("PREPARE one AS ") + statement.sql + "; DEALLOCATE one"));
  }
}

}  // namespace
}  // namespace countersign::cli
