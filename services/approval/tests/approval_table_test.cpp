// What the tables themselves hold to, whatever the program does.

#include "approval/sql.hpp"
#include "approval/tests/approval_scene.hpp"

namespace countersign::approval {
namespace {

using ApprovalTableTest = testing::ApprovalSceneTest;

TEST_F(ApprovalTableTest, CanPrepareEveryStatementAsItsOwnRole) {
  const auto session = lab.core().pool().borrow();
  for (const auto& statement : sql::all) {
    const std::string name = statement.name;
    EXPECT_NO_THROW(session->execute_script("PREPARE " + name + " AS " + statement.sql)) << name;
  }
}

TEST_F(ApprovalTableTest, MovesInTheDatabaseOnlyAsInTheDomain) {
  const auto shown = ask();
  const auto session = lab.core().pool().borrow();
  for (const auto from : domain::EnumNames<domain::ApprovalState>::names)
    for (const auto to : domain::EnumNames<domain::ApprovalState>::names) {
      const auto is_move = [&](const auto& row) { return domain::name_of(row.from) == from && domain::name_of(row.to) == to; };
      const bool legal = from == to || std::any_of(domain::approval_transitions.begin(), domain::approval_transitions.end(), is_move);
      lab.admin().execute_script(
          "ALTER TABLE approval DISABLE TRIGGER USER; UPDATE approval SET people = '{ada}', reason = 'so', state = '" + std::string(from) +
          "', decided_at = CASE WHEN '" + std::string(from) + "' <> 'requested' THEN now() END; ALTER TABLE approval ENABLE TRIGGER USER");
      const std::string move = "UPDATE approval SET state = '" + std::string(to) + "', decided_at = CASE WHEN '" + std::string(to) +
                               "' <> 'requested' THEN now() END";
      if (legal)
        EXPECT_NO_THROW(session->execute_script(move)) << from << " to " << to;
      else
        EXPECT_THROW(session->execute_script(move), base::Rejected) << from << " to " << to;
    }
}

TEST_F(ApprovalTableTest, CannotAlterWhatWasShownSaidOrSigned) {
  const auto shown = ask();
  decide(shown, "ada");
  const auto session = lab.core().pool().borrow();
  for (const char* change :
       {"UPDATE approval SET shown = '{}'", "UPDATE approval SET action_digest = repeat('0', 64)", "UPDATE approval SET expires_at = NULL",
        "UPDATE decision SET counted = false, code = 'x'", "DELETE FROM decision", "DELETE FROM spent_nonce", "DELETE FROM approval",
        "UPDATE countersignature SET token = ''", "DELETE FROM countersignature", "DELETE FROM approval_history"})
    EXPECT_THROW(session->execute_script(change), std::runtime_error) << change;
}

}  // namespace
}  // namespace countersign::approval
