#include <gmock/gmock.h>

#include "outbox/sql.hpp"
#include "outbox/tests/outbox_fixture.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::outbox::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using IntakeTest = OutboxTest;

TEST_F(IntakeTest, MakesADeliveryForEachEndpointThatWantsTheType) {
  configure({{.url = "https://a.example/", .name = "all"},
             {.url = "https://b.example/", .name = "denials", .types = R"(["ticket.denied"])"},
             {.url = "https://c.example/", .tenant = "bolt", .name = "other"}});
  auto life = start();
  announce("t1", "resolved");
  announce("t2", "denied");
  intake(*life);
  EXPECT_EQ(text("SELECT string_agg(ticket_id || ':' || endpoint, ' ' ORDER BY ticket_id, endpoint) FROM outbox.delivery"),
            "t1:all t2:all t2:denials");
}

TEST_F(IntakeTest, MakesOneDeliveryOfADuplicate) {
  configure({{.url = "https://a.example/"}});
  auto life = start();
  const auto id = announce("t1");
  intake(*life);
  announce("t1", "resolved", "acme", id);  // owed again under the next sequence
  announce("t1", "denied");
  intake(*life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery"), 2);
  EXPECT_EQ(number("SELECT count(DISTINCT message_id) FROM outbox.delivery"), 2);
}

TEST_F(IntakeTest, SetsAsideATenantThatTheRealmDoesNotCarry) {
  configure({{.url = "https://a.example/"}});
  auto life = start();
  announce("t1", "resolved", "stranger");
  intake(*life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery"), 0);
  EXPECT_EQ(text("SELECT reason FROM outbox.dead_letter"), "tenant_not_in_realm");
}

TEST_F(IntakeTest, WaitsForTheFirstConfiguration) {
  Life life(broker, schema::settings_as(database, "outbox"), clock, options, "outbox-0");
  announce("t1");
  for (int turn = 0; turn < 10; ++turn) EXPECT_EQ(life.service.stage().run_once(std::chrono::milliseconds{10}), 0U);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.dead_letter"), 0);
  configure({{.url = "https://a.example/"}});
  refresh(life);
  intake(life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery"), 1);
}

TEST_F(IntakeTest, EveryStatementFitsTheSchema) {
  postgres::Session session(schema::settings_as(database, "outbox"));
  for (const auto& statement : sql::all)
    EXPECT_NO_THROW(session.execute_script("PREPARE " + std::string(statement.name) + " AS " + statement.sql)) << statement.name;
}

class PlanTest : public OutboxTest {
 protected:
  PlanTest() {
    admin->execute_script(
        "INSERT INTO outbox.delivery (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, payload, state, due_at, created_at, "
        "ended_at) SELECT gen_random_uuid(), 'acme', 't' || n, 'hook' || n % 5, 'm' || n, 'ticket.resolved', 1, '{}', "
        "CASE WHEN n % 4 = 0 THEN 'ready' ELSE 'delivered' END, now(), now(), CASE WHEN n % 4 > 0 THEN now() END "
        "FROM generate_series(1, 20000) AS n; ANALYZE outbox.delivery; SET search_path = outbox");
  }
  std::string plan(const postgres::Statement& statement, const std::string& arguments) {
    admin->execute_script("SET plan_cache_mode = force_generic_plan; PREPARE " + std::string(statement.name) + " AS " + statement.sql);
    const std::string explain = "EXPLAIN EXECUTE " + std::string(statement.name) + "(" + arguments + ")";
    std::string lines;
    for (const auto row : admin->execute(postgres::Statement{"", explain.c_str()})) lines += row.get<std::string>(0) + "\n";
    return lines;
  }
};

constexpr const char* insert_arguments =
    "ARRAY[gen_random_uuid()], ARRAY['acme'], ARRAY['t1'], ARRAY['hook0'], ARRAY['m'], ARRAY['ticket.resolved'], ARRAY[1]::bigint[], "
    "ARRAY[1]::bigint[], ARRAY['{}']::bytea[], ARRAY[now()], ARRAY['acme'], ARRAY['hook0'], ARRAY[1]::bigint[], ARRAY[64]::bigint[], "
    "ARRAY['7 s']::interval[], ARRAY[1]::bigint[], ARRAY[1]::bigint[], ARRAY[true], gen_random_uuid(), gen_random_uuid()";

// Where hardly anything is ready, the index of what is ready is the smallest: not to be walked for each candidate all the same.
TEST_F(PlanTest, ClaimsFindTheirCandidatesByKeyHoweverFewAreReady) {
  admin->execute_script(
      "UPDATE outbox.delivery SET state = 'delivered', ended_at = now() WHERE state = 'ready' AND ticket_id <> 't4';"
      "REINDEX TABLE outbox.delivery; ANALYZE outbox.delivery; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = "
      "off");
  const std::string claim = plan(sql::claim_deliveries,
                                 "ARRAY['018f0000-0000-7000-8000-000000000001']::uuid[], ARRAY['7 s']::interval[], ARRAY[true], "
                                 "gen_random_uuid(), gen_random_uuid()");
  EXPECT_THAT(claim, HasSubstr("Index Scan using delivery_pkey on delivery k"));
}

TEST_F(PlanTest, HotStatementsFindDeliveriesByIndex) {
  const std::string due =
      plan(sql::find_due_deliveries, "ARRAY['acme'], ARRAY['hook0'], ARRAY[1]::bigint[], ARRAY[16], ARRAY[0], ARRAY[true], 256");
  EXPECT_THAT(due, HasSubstr("delivery_ready"));
  EXPECT_THAT(due, Not(HasSubstr("Seq Scan on delivery")));
  const std::string id = "ARRAY['018f0000-0000-7000-8000-000000000001']::uuid[]";
  const std::string claim =
      plan(sql::claim_deliveries, id + ", ARRAY['7 s']::interval[], ARRAY[true], gen_random_uuid(), gen_random_uuid()");
  EXPECT_THAT(claim, HasSubstr("delivery_pkey"));
  EXPECT_THAT(claim, Not(HasSubstr("Seq Scan on delivery")));
  const std::string taken = plan(sql::insert_deliveries, insert_arguments);
  EXPECT_THAT(taken, HasSubstr("delivery_ready"));
  EXPECT_THAT(taken, HasSubstr("delivery_unfinished"));
  EXPECT_THAT(taken, Not(HasSubstr("Seq Scan on delivery")));
  const std::string record =
      plan(sql::record_attempts, id + ", " + id + ", " + id +
                                     ", ARRAY['delivered'], ARRAY[200], ARRAY['']::text[], ARRAY[1], "
                                     "ARRAY['delivered'], ARRAY[now()], gen_random_uuid(), ARRAY[false], ARRAY[NULL]::text[], "
                                     "ARRAY[NULL]::uuid[]");
  EXPECT_THAT(record, HasSubstr("delivery_pkey"));
  EXPECT_THAT(record, Not(HasSubstr("Seq Scan on delivery")));
}

TEST_F(PlanTest, StatementsOfMailFindItByIndex) {
  const std::string id = "ARRAY['018f0000-0000-7000-8000-000000000001']::uuid[]";
  EXPECT_THAT(plan(sql::find_mails, "ARRAY['acme'], ARRAY['m1']"),
              ContainsRegex("delivery_mail on delivery k[^>]*Index Cond: [^\n]*message_id"));
  EXPECT_THAT(plan(sql::find_mail_claims, id + ", " + id), HasSubstr("delivery_pkey"));
  EXPECT_THAT(plan(sql::find_stranded_mails, "interval '1 day', ARRAY['acme'], ARRAY['mailbox:support'], 200"),
              HasSubstr("delivery_mail_due"));
  EXPECT_THAT(plan(sql::withdraw_mails, id + ", " + id), HasSubstr("delivery_pkey"));
}

TEST_F(IntakeTest, RelaysWhatADeadProcessOwes) {
  auto life = start();
  broker.create_topic("plans", 1);
  admin->execute_script(
      "INSERT INTO planner.outbox (id, incarnation, aggregatetype, aggregateid, type, sequence, payload, headers) VALUES "
      "('018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002', 'plans', 'acme/t1', 'plan.proposed', 1, '{}', "
      "'{\"ce_source\": \"urn:countersign:executor\"}')");
  EXPECT_EQ(life->service.relay("planner").relay_once(), 1U);
  ASSERT_EQ(broker.messages("plans").size(), 1U);
  EXPECT_EQ(base::find_header(broker.messages("plans")[0].headers, "ce_source"), "urn:countersign:planner");
  EXPECT_EQ(number("SELECT count(*) FROM planner.outbox"), 0);
}

}  // namespace
}  // namespace countersign::outbox::testing
