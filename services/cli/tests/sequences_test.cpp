#include "cli/sequences.hpp"

#include <gtest/gtest.h>

#include "cli/exit_codes.hpp"
#include "postgres/sqlstate.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

class SequencesPassTest : public testing::Test {
 protected:
  SequencesPassTest() : database_(schema::fleet_blueprint()), admin_(database_.settings()) {
    reach_.database = database_.settings().conninfo;
  }

  void park(const std::string& service, const std::string& topic, std::int64_t last, std::int64_t parked) {
    const std::string counters =
        service == "planner" ? "'{0," + std::to_string(last) + "}', '{0}'" : "'{0," + std::to_string(last) + ",0,0}', '{0,3,0,0}'";
    admin_.execute_script("INSERT INTO " + service + ".key_state (key, inputs, outputs, parked) VALUES ('acme/t-1', " + counters + ", 1);" +
                          "INSERT INTO " + service +
                          ".parked (topic, key, sequence, log_topic, partition, log_offset, sent_at, headers) VALUES ('" + topic +
                          "', 'acme/t-1', " + std::to_string(parked) + ", '" + topic + "', 0, 9, now(), '')");
  }

  std::string text(const std::string& query) {
    return admin_.execute({"ask", ("SELECT coalesce((" + query + ")::text, '')").c_str()})[0].get<std::string>(0);
  }

  int pass(const std::string& service, const std::string& topic, std::optional<std::int64_t> to = {}) {
    return pass_sequences(reach_, {"acme/t-1", topic, service, to}, Console{false});
  }

  postgres::testing::ScratchDatabase database_;
  postgres::Session admin_;
  Reach reach_;
};

TEST_F(SequencesPassTest, MovesTheCounterToBeforeTheFirstParkedMessage) {
  park("planner", "steps", 4, 7);
  EXPECT_EQ(pass("planner", "steps"), exit_well);
  EXPECT_EQ(text("SELECT inputs[2] FROM planner.key_state"), "6");
}

TEST_F(SequencesPassTest, RefersTheTicketToPeopleThroughTheExecutor) {
  park("planner", "steps", 4, 7);
  ASSERT_EQ(pass("planner", "steps"), exit_well);
  EXPECT_EQ(text("SELECT aggregatetype || ' ' || aggregateid || ' ' || type || ' ' || sequence FROM executor.outbox"),
            "referrals acme/t-1 referral.handoff 1");
  EXPECT_EQ(text("SELECT headers ->> 'ce_source' FROM executor.outbox"), "urn:countersign:executor");
  EXPECT_EQ(text("SELECT outputs[2] FROM executor.key_state"), "1");
}

TEST_F(SequencesPassTest, KeepsTheSequenceOfTheExecutorWhenItHasTheGapItself) {
  park("executor", "plans", 1, 3);
  ASSERT_EQ(pass("executor", "plans"), exit_well);
  EXPECT_EQ(text("SELECT inputs[2] || ' ' || outputs[2] FROM executor.key_state"), "2 4");
}

TEST_F(SequencesPassTest, LeavesAnAuditEntryOfWhoDidIt) {
  park("planner", "steps", 4, 7);
  ASSERT_EQ(pass("planner", "steps"), exit_well);
  EXPECT_EQ(text("SELECT event || ' ' || tenant_id || ' ' || ticket_id || ' ' || (actor = session_user) FROM audit.entry"),
            "sequences_passed acme t-1 true");
}

TEST_F(SequencesPassTest, ChangesNothingWhenNothingIsParked) {
  EXPECT_EQ(pass("planner", "steps"), exit_not_well);
  EXPECT_EQ(text("SELECT count(*) FROM planner.key_state"), "0");
  EXPECT_EQ(text("SELECT count(*) FROM executor.outbox"), "0");
}

TEST_F(SequencesPassTest, RefusesToGoBack) {
  park("planner", "steps", 4, 7);
  EXPECT_EQ(pass("planner", "steps", 3), exit_not_well);
  EXPECT_EQ(text("SELECT inputs[2] FROM planner.key_state"), "4");
}

TEST_F(SequencesPassTest, RefusesToThrowAwayWhatIsParked) {
  park("planner", "steps", 4, 7);
  EXPECT_EQ(pass("planner", "steps", 8), exit_not_well);
  EXPECT_EQ(text("SELECT inputs[2] FROM planner.key_state"), "4");
  EXPECT_EQ(pass("planner", "steps", 7), exit_well);
}

TEST_F(SequencesPassTest, RefusesATopicThatTheServiceDoesNotRead) {
  EXPECT_THROW(pass("planner", "verdicts"), Misused);
  EXPECT_THROW(pass("nobody", "steps"), Misused);
}

}  // namespace
}  // namespace countersign::cli
