#include "cli/run_story.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// One ticket of acme with two runs, and a policy whose rule said something else in its first version.
class RunStoryTest : public ::testing::Test {
 protected:
  RunStoryTest() {
    policy(1, 1, "Refunds end after 14 days.");
    policy(2, 5, "Refunds end after 30 days.");
    policy(3, 9, "Refunds never end.");
    admin_.execute_script(
        "INSERT INTO executor.ticket (tenant_id, ticket_id, version, status, realm) VALUES ('acme', 't-1', 2, 'open', 'main');"
        "INSERT INTO executor.run (tenant_id, ticket_id, run, version, state, stop_reason, waiting_since, opened_at, stopped_at) VALUES "
        "('acme', 't-1', 1, 1, 'stopped', 'resolved', now(), now(), '2026-01-02T03:04:05Z'), "
        "('acme', 't-1', 2, 2, 'running', NULL, now(), now(), NULL)");
  }

  void policy(int version, int revision, const std::string& sentence) {
    const std::string number = std::to_string(version);
    admin_.execute_script("INSERT INTO core.document (tenant_id, kind, name, version, body, digest) VALUES ('acme', 'policy', 'refunds', " +
                          number + ", '{\"rules\": [{\"id\": \"too-old\", \"sentence\": \"" + sentence +
                          "\", \"citation\": \"Handbook 4.2\"}]}', repeat('0', 64));" +
                          "INSERT INTO core.applied (revision, tenant_id, kind, name, version, digest, actor) VALUES (" +
                          std::to_string(revision) + ", 'acme', 'policy', 'refunds', " + number + ", repeat('0', 64), 'test')");
  }
  void step(int run, const std::string& decision, const std::string& codes = "{}") {
    admin_.execute_script(
        "INSERT INTO executor.step (tenant_id, ticket_id, run, step, plan, name, tool, risk, state, proposed, decision, codes, due_at) "
        "VALUES "
        "('acme', 't-1', " +
        std::to_string(run) + ", 1, 1, 'refund', 'issue_refund', 'money', 'denied', '{}', '" + decision + "', '" + codes + "', now())");
  }
  std::vector<std::string> tell(std::int32_t run = 0) { return story_lines(find_run_story(admin_, {"acme", "t-1", run})); }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  postgres::Session admin_{database_.settings()};
};

TEST_F(RunStoryTest, SaysByWhichRuleInTheWordsOfTheVersionThatWasActive) {
  step(2, R"({"effect": "deny", "codes": ["denied_by_policy"], "rules": ["too-old"], "configuration": 7})", "{denied_by_policy}");
  EXPECT_THAT(tell(), Contains("policy    step 1 denied by too-old: Refunds end after 30 days. (Handbook 4.2)"));
}

TEST_F(RunStoryTest, NamesARuleOfWhichNothingIsKnownAnyMore) {
  step(2, R"({"effect": "deny", "codes": ["denied_by_policy"], "rules": ["gone"], "configuration": 7})");
  EXPECT_THAT(tell(), Contains("policy    step 1 denied by gone (denied_by_policy)"));
}

TEST_F(RunStoryTest, SaysWhyWithoutARule) {
  step(2, R"({"effect": "deny", "codes": ["no_rule_allows"], "rules": [], "configuration": 7})");
  EXPECT_THAT(tell(), Contains("policy    step 1 denied (no_rule_allows)"));
}

TEST_F(RunStoryTest, ShowsTheLastOutcomeBesideTheStatus) {
  EXPECT_THAT(tell().front(), HasSubstr("version 2, open, last outcome resolved by run 1 at 2026-01-02T03:04:05Z"));
}

TEST_F(RunStoryTest, SaysForWhomARunActedAndWhatWasRecorded) {
  admin_.execute_script(
      R"(UPDATE executor.run SET actor = 's-kim', resolution = '{"category": "account", "action_taken": "suspension",
         "resolution": "The account was suspended.", "requires_followup": true}')");
  EXPECT_THAT(tell()[1], HasSubstr(", for s-kim, agent "));
  EXPECT_EQ(tell().back(), "record    account, suspension: The account was suspended. To be followed up.");
}

TEST_F(RunStoryTest, ShowsNoEmptyBrackets) {
  const auto lines = tell(1);
  EXPECT_THAT(lines[1], HasSubstr("stopped as resolved, agent"));
  for (const auto& line : lines) EXPECT_THAT(line, Not(HasSubstr("(-)")));
}

}  // namespace
}  // namespace countersign::cli
