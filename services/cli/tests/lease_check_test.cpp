#include <gmock/gmock.h>

#include "cli/database_checks.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

using ::testing::HasSubstr;

class LeaseCheckTest : public ::testing::Test {
 protected:
  void live(const std::string& instance, const std::string& left) {
    admin_.execute_script("INSERT INTO executor.incarnation (id, instance, lease_until) VALUES (gen_random_uuid(), '" + instance +
                          "', clock_timestamp() + interval '" + left + "')");
  }
  // What was found about the executor.
  std::vector<Finding> check() {
    Examination examination;
    check_leases(admin_, examination);
    std::vector<Finding> found;
    for (const auto& finding : examination.findings())
      if (finding.check == "lease executor") found.push_back(finding);
    return found;
  }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  postgres::Session admin_{database_.settings()};
};

TEST_F(LeaseCheckTest, CountsTheLiving) {
  live("executor-0", "7s");
  live("executor-1", "8s");
  live("executor-1", "-1min");
  const auto found = check();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].health, Health::well);
  EXPECT_EQ(found[0].what, "2 living processes");
}

TEST_F(LeaseCheckTest, IsIllWhenTwoProcessesHaveOneName) {
  live("executor-0", "7s");
  live("executor-0", "8s");
  const auto found = check();
  EXPECT_EQ(found[0].health, Health::ill);
  EXPECT_EQ(found[0].what, "2 processes call themselves executor-0 at the same time");
  EXPECT_THAT(found[0].mend, HasSubstr("--instance"));
}

TEST_F(LeaseCheckTest, SeesAKilledProcessBeforeItsLeaseEnds) {
  live("executor-0", "2.2s");
  const auto found = check();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].health, Health::doubtful);
  EXPECT_EQ(found[0].what, "executor-0 was last heard of 6 s ago; its lease ends in 2 s");
}

TEST_F(LeaseCheckTest, SaysSinceWhenNobodyIsAlive) {
  EXPECT_EQ(check()[0].what, "no process of it is alive");
  live("executor-0", "-90s");
  EXPECT_EQ(check()[0].what, "no process of it is alive; the last one's lease ended 90 s ago");
  EXPECT_EQ(check()[0].health, Health::doubtful);
}

}  // namespace
}  // namespace countersign::cli
