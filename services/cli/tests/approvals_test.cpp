#include "cli/approvals.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/decide.hpp"
#include "cli/exit_codes.hpp"
#include "cli/tests/sample_approval.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* id = "018f2f5e-7b7a-7c00-8000-0123456789ab";

class ApprovalsTest : public ::testing::Test {
 protected:
  ApprovalsTest() {
    reach_.database = database_.settings().conninfo;
    insert(id, "requested");
  }

  void insert(const std::string& approval, const std::string& state) {
    const json sample = sample_approval();
    const auto text = [&](const char* name) { return admin_.quoted_literal(sample.at(name).get<std::string>()); };
    const bool ended = state != "requested";
    admin_.execute_script(
        "INSERT INTO approval.approval (tenant_id, approval_id, ticket_id, run, step, state, tool, operation_key, action_digest, "
        "requirement_digest, shown_digest, shown, request, requested_at, expires_at, decided_at, people, reason) VALUES ('acme', '" +
        approval + "', 'T-1042', 1, 2, '" + state + "', 'issue_refund', 'key', " + text("action_digest") + ", " +
        text("requirement_digest") + ", " + text("shown_digest") + ", " + admin_.quoted_literal(sample.at("shown").dump()) + ", " +
        text("request") + ", now() - interval '1 hour', now() + interval '7290 seconds', " +
        (ended ? "now(), '{bob}', 'too much')" : "NULL, '{}', NULL)"));
  }
  void record(const std::string& digest, const std::string& code) {
    admin_.execute_script(
        "INSERT INTO approval.decision (tenant_id, decision_id, approval_id, ticket_id, realm, digest, jws, person, issuer, kid, verb, "
        "nonce, "
        "counted, code, received_at) VALUES ('acme', gen_random_uuid(), '" +
        std::string(id) + "', 'T-1042', 'main', '" + digest + "', 'x', 'ada', 'person', 'k', 'approve', 'n', " +
        (code.empty() ? "true, NULL" : "false, '" + code + "'") + ", now())");
  }
  std::string show(const ApprovalsWish& wish, bool for_programs = false) {
    ::testing::internal::CaptureStdout();
    try {
      code_ = show_approvals(reach_, wish, Console{for_programs});
    } catch (...) {
      ::testing::internal::GetCapturedStdout();
      throw;
    }
    return ::testing::internal::GetCapturedStdout();
  }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  postgres::Session admin_{database_.settings()};
  Reach reach_;
  int code_ = -1;
};

TEST_F(ApprovalsTest, ListsWhatWaitsForPeople) {
  insert("018f2f5e-7b7a-7c00-8000-000000000001", "denied");
  const auto table = show({});
  EXPECT_EQ(code_, exit_well);
  for (const char* wanted : {id, "acme/T-1042", "Refund 125.00 EUR for order 4711 to customer-17.", "125.00 EUR",
                             "1 approver, 1 finance; 2 people in all", "in 2 h 1 min"})
    EXPECT_THAT(table, HasSubstr(wanted));
  EXPECT_EQ(json::parse(show({}, true)).at("approvals").size(), 1U);
  EXPECT_EQ(json::parse(show({.all = true}, true)).at("approvals").size(), 2U);
  EXPECT_EQ(json::parse(show({.tenant = "globex"}, true)).at("approvals").size(), 0U);
}

TEST_F(ApprovalsTest, ShowsOneByTheBeginningOfItsIdWithWhatWasDeniedBefore) {
  insert("018f0000-7b7a-7c00-8000-000000000001", "denied");
  const auto told = show({.id = "018f2f5e"});
  EXPECT_EQ(code_, exit_well);
  EXPECT_THAT(told, HasSubstr("before, by bob at "));
  EXPECT_THAT(told, HasSubstr(std::string("countersign approve ") + id));
}

TEST_F(ApprovalsTest, RefusesAnIdThatIsNoneOrSeveral) {
  insert("018f2f5e-7b7a-7c00-8000-000000000001", "denied");
  EXPECT_THROW(show({.id = "018f2f5e"}), Misused);
  EXPECT_THROW(show({.id = "not-an-id"}), Misused);
  EXPECT_THROW(show({.id = "018f"}), Misused);
  EXPECT_THROW(show({.id = "ffffffff"}), NotFound);
}

TEST_F(ApprovalsTest, WarnsOfAnApprovalThatIsNotWhatItsDigestsSay) {
  admin_.execute_script(R"(UPDATE approval.approval SET shown = jsonb_set(shown, '{action,amount,minor}', '"1"'))");
  show({.id = id});
  EXPECT_EQ(code_, exit_not_well);
}

TEST_F(ApprovalsTest, FindsWhatWasRecordedOfADecisionAndWaitsNoLongerThanTold) {
  base::ManualClock clock;
  const std::string counted(64, 'a'), refused(64, 'b');
  record(counted, "");
  record(refused, "role_missing");
  EXPECT_EQ(await_recorded(admin_, "acme", counted, clock, std::chrono::seconds{10})->at("counted"), true);
  EXPECT_EQ(await_recorded(admin_, "acme", refused, clock, std::chrono::seconds{10})->at("code"), "role_missing");
  const auto begin = clock.steady();
  EXPECT_EQ(await_recorded(admin_, "acme", std::string(64, 'c'), clock, std::chrono::seconds{10}), std::nullopt);
  EXPECT_EQ(clock.steady() - begin, std::chrono::seconds{10});
}

}  // namespace
}  // namespace countersign::cli
