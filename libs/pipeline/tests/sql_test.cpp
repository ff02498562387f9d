#include "pipeline/sql.hpp"

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class PipelineSqlTest : public ProbeTest {};

TEST_F(PipelineSqlTest, EveryStatementIsAcceptedByTheMigratedSchema) {
  auto wish = database.settings();
  wish.search_path = "probe";
  postgres::Session session{wish};
  for (const auto& statement : sql::all) {
    SCOPED_TRACE(statement.name);
    EXPECT_NO_THROW(session.execute_script(std::string("PREPARE one AS ") + statement.sql + "; DEALLOCATE one"));
  }
}

}  // namespace countersign::pipeline::testing
