#include <gmock/gmock.h>

#include "cli/database_checks.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

using ::testing::HasSubstr;

class EndpointCheckTest : public ::testing::Test {
 protected:
  EndpointCheckTest() {
    admin_.execute_script(
        "INSERT INTO core.document (tenant_id, kind, name, version, body, digest) VALUES ('acme', 'endpoint', 'hook', 3, '{}', repeat('0', "
        "64));"
        "INSERT INTO core.activation (tenant_id, kind, name, version) VALUES ('acme', 'endpoint', 'hook', 3)");
  }
  void disable(int version) {
    admin_.execute_script(
        "INSERT INTO outbox.endpoint_state (tenant_id, endpoint, version, state, reason, fruitless, failing_since) VALUES ('acme', "
        "'hook', " +
        std::to_string(version) + ", 'disabled', 'nobody there', 12, '2026-01-02T03:04:05Z')");
  }
  std::vector<Finding> check() {
    Examination examination;
    check_endpoints(admin_, examination);
    return examination.findings();
  }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  postgres::Session admin_{database_.settings()};
};

TEST_F(EndpointCheckTest, SaysSinceWhenAnEndpointIsDisabledAndHowToOpenIt) {
  disable(3);
  const auto findings = check();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].check, "endpoint acme/hook");
  EXPECT_EQ(findings[0].health, Health::doubtful);
  EXPECT_EQ(findings[0].what, "disabled, takes nothing since 2026-01-02T03:04:05Z: nobody there; 0 deliveries wait");
  EXPECT_THAT(findings[0].mend, HasSubstr("raise the version"));
}

TEST_F(EndpointCheckTest, DoesNotMindAnEarlierVersionOfItsDocument) {
  disable(2);
  const auto findings = check();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].health, Health::well);
}

}  // namespace
}  // namespace countersign::cli
