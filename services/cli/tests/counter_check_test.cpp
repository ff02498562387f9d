#include <gmock/gmock.h>

#include "cli/database_checks.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

using ::testing::HasSubstr;

class CounterCheckTest : public ::testing::Test {
 protected:
  void open(const std::string& ticket) {
    admin_.execute_script("INSERT INTO executor.ticket (tenant_id, ticket_id, version, status, realm) VALUES ('acme', '" + ticket +
                          "', 1, 'open', 'main')");
  }
  void deliver(const std::string& ticket) {
    admin_.execute_script(
        "INSERT INTO outbox.delivery (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, payload, state, due_at, created_at) "
        "VALUES (gen_random_uuid(), 'acme', '" +
        ticket + "', 'hook', gen_random_uuid()::text, 'ticket.resolved', 1, '', 'ready', now(), now())");
  }
  void count(const std::string& service, const std::string& ticket) {
    admin_.execute_script("INSERT INTO " + service + ".key_state (key, inputs, outputs) VALUES ('acme/" + ticket + "', '{}', '{}')");
  }
  std::vector<Finding> check() {
    Examination examination;
    check_counters(admin_, examination);
    return examination.findings();
  }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  postgres::Session admin_{database_.settings()};
};

TEST_F(CounterCheckTest, IsWellWhereEveryTicketHasItsCounters) {
  open("t1");
  count("executor", "t1");
  deliver("t1");
  count("outbox", "t1");
  const auto findings = check();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].health, Health::well);
}

TEST_F(CounterCheckTest, NamesTheServiceWhoseCountersAreMissing) {
  for (const auto* ticket : {"t1", "t2", "t3"}) open(ticket);
  count("executor", "t1");
  count("planner", "t2");
  deliver("t4");
  const auto findings = check();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].check, "counters executor");
  EXPECT_EQ(findings[0].health, Health::ill);
  EXPECT_EQ(findings[0].what, "2 tickets without a row in key_state, the first of acme/t2");
  EXPECT_THAT(findings[0].mend, HasSubstr("one backup"));
  EXPECT_EQ(findings[1].check, "counters outbox");
  EXPECT_EQ(findings[1].what, "1 delivery without a row in key_state, the first of acme/t4");
}

}  // namespace
}  // namespace countersign::cli
