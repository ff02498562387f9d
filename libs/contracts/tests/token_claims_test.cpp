#include "contracts/token_claims.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::contracts {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::int64_t noon = 1'714'557'600;
const base::Uuid claimed_approval = *base::Uuid::parse("018f2f5e-7b7a-7c00-8000-0123456789ab");
const std::string action(64, 'a'), requirement(64, 'b'), shown_digest(64, 'c');

base::WallTime at(std::int64_t seconds) { return base::WallTime{std::chrono::seconds{seconds}}; }

DecisionClaims denial() {
  return {.issuer = "person",
          .subject = "maria",
          .audience = decision_audience("demo"),
          .tenant = "acme",
          .approval_id = claimed_approval,
          .action_digest = action,
          .verb = "deny",
          .reason = "not this customer",
          .nonce = "0123456789abcdef",
          .issued_at = noon,
          .expires_at = noon + 300};
}

CountersignatureClaims countersignature() {
  return {.audience = countersignature_audience("demo"),
          .tenant = "acme",
          .jti = "0123456789abcdef",
          .issued_at = noon,
          .expires_at = noon + 120,
          .approval_id = claimed_approval,
          .action_digest = action,
          .requirement_digest = requirement,
          .decisions = {{"maria", {"approver", "finance"}, shown_digest}}};
}

RequestClaims request() {
  return {.environment = "demo",
          .tenant = "acme",
          .approval_id = claimed_approval,
          .action_digest = action,
          .requirement_digest = requirement,
          .shown_digest = shown_digest,
          .issued_at = noon};
}

ChangeClaims change() {
  return {.subject = "maria",
          .audience = decision_audience("demo"),
          .tenant = "acme",
          .kind = "person",
          .name = "paul",
          .version = 2,
          .digest = action,
          .issued_at = noon};
}

TEST(TokenClaims, ReadBackWhatTheyWrote) {
  EXPECT_EQ(decode_request_claims(encode(request())).value(), request());
  EXPECT_EQ(decode_decision_claims(encode(denial())).value(), denial());
  EXPECT_EQ(decode_countersignature_claims(encode(countersignature())).value(), countersignature());
  EXPECT_EQ(decode_change_claims(encode(change())).value(), change());
  auto approve = denial();
  approve.verb = "approve";
  approve.reason.reset();
  EXPECT_EQ(decode_decision_claims(encode(approve)).value(), approve);
}

TEST(TokenClaims, AreSpeltAsTheDocumentsSay) {
  EXPECT_EQ(encode(denial()), R"({"action_digest":")" + action +
                                  R"(","approval_id":"018f2f5e-7b7a-7c00-8000-0123456789ab","aud":"countersign/demo","exp":1714557900,)"
                                  R"("iat":1714557600,"iss":"person","nonce":"0123456789abcdef","reason":"not this customer",)"
                                  R"("sub":"maria","tenant":"acme","verb":"deny"})");
}

template <typename Decode>
void expect_exactly_these_members(const std::string& good, Decode decode, const std::vector<std::string>& may_be_absent = {}) {
  const json claims = json::parse(good);
  for (const auto& [name, value] : claims.items()) {
    json without = claims;
    without.erase(name);
    const bool optional = std::find(may_be_absent.begin(), may_be_absent.end(), name) != may_be_absent.end();
    EXPECT_EQ(decode(without.dump()).has_value(), optional) << "without " << name;
    for (const json& wrong : {json(), json(true), json(-1), json(""), json::array(), json::object(), json(std::string(3000, 'x'))}) {
      json changed = claims;
      changed[name] = wrong;
      EXPECT_FALSE(decode(changed.dump())) << changed.dump();
    }
    EXPECT_EQ(decode(good.substr(0, good.size() - 1) + ",\"" + name + "\":" + value.dump() + "}").error().code, "json_key_duplicate");
  }
  for (const char* stranger : {"nbf", "jti2", "scope", "crit", "edited_arguments"}) {
    json more = claims;
    more[stranger] = 1;
    EXPECT_EQ(decode(more.dump()).error().code, "claim_unknown") << stranger;
  }
}

TEST(TokenClaims, HaveExactlyTheMembersOfTheirKind) {
  expect_exactly_these_members(encode(request()), decode_request_claims);
  expect_exactly_these_members(encode(denial()), decode_decision_claims);
  expect_exactly_these_members(encode(countersignature()), decode_countersignature_claims);
  expect_exactly_these_members(encode(change()), decode_change_claims);
}

TEST(TokenClaims, OfOneKindAreNotThoseOfAnother) {
  EXPECT_FALSE(decode_decision_claims(encode(change())));
  EXPECT_FALSE(decode_change_claims(encode(denial())));
  EXPECT_FALSE(decode_countersignature_claims(encode(denial())));
  EXPECT_FALSE(decode_request_claims(encode(countersignature())));
}

struct BadPayload {
  const char* name;
  const char* member;
  const char* text;  // as it stands in the JSON
  const char* refused_as;
};

class BadDecision : public testing::TestWithParam<BadPayload> {};

TEST_P(BadDecision, IsRefused) {
  json claims = json::parse(encode(denial()));
  claims.erase(GetParam().member);
  std::string text = claims.dump();
  text.insert(1, "\"" + std::string(GetParam().member) + "\":" + GetParam().text + ",");
  const auto decoded = decode_decision_claims(text);
  ASSERT_FALSE(decoded) << text;
  EXPECT_EQ(decoded.error().code, GetParam().refused_as) << text;
}

INSTANTIATE_TEST_SUITE_P(TokenClaims, BadDecision,
                         testing::Values(BadPayload{"TimeWithFraction", "iat", "1714557600.5", "json_float_refused"},
                                         BadPayload{"TimeWithExponent", "exp", "1e10", "json_float_refused"},
                                         BadPayload{"TimePastInt64", "exp", "9223372036854775808", "json_number_out_of_range"},
                                         BadPayload{"TimePastDoubles", "exp", "1e400", "json_number_out_of_range"},
                                         BadPayload{"TimePastExactIntegers", "exp", "9007199254740992", "member_invalid"},
                                         BadPayload{"TimeNegative", "iat", "-1", "member_invalid"},
                                         BadPayload{"TimeAsText", "exp", "\"1714557900\"", "member_invalid"},
                                         BadPayload{"AudienceList", "aud", "[\"countersign/demo\",\"x\"]", "member_invalid"},
                                         BadPayload{"VerbInCapitals", "verb", "\"APPROVE\"", "member_invalid"},
                                         BadPayload{"VerbOfLater", "verb", "\"edit\"", "member_invalid"},
                                         BadPayload{"VerbWithSpace", "verb", "\"approve \"", "member_invalid"},
                                         BadPayload{"ReasonEmpty", "reason", "\"\"", "member_invalid"},
                                         BadPayload{"NonceShort", "nonce", "\"0123456789abcde\"", "member_invalid"},
                                         BadPayload{"NonceWithSlash", "nonce", "\"0123456789abcde/\"", "member_invalid"},
                                         BadPayload{"DigestInCapitals", "action_digest",
                                                    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
                                                    "member_invalid"},
                                         BadPayload{"ApprovalNoUuid", "approval_id", "\"1\"", "member_invalid"},
                                         BadPayload{"TenantWithSlash", "tenant", "\"acme/x\"", "member_invalid"},
                                         BadPayload{"SubjectNul", "sub", "\"maria\\u0000\"", "json_nul"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(TokenClaims, MustBeOneJsonObject) {
  for (const char* text : {"", "null", "[]", "\"x\"", "{}x", "{", "\xEF\xBB\xBF{}"}) EXPECT_FALSE(decode_decision_claims(text)) << text;
  EXPECT_FALSE(decode_decision_claims(encode(denial()) + encode(denial())));
  EXPECT_FALSE(decode_decision_claims(std::string(200'000, '[')));
}

TEST(TokenClaims, OfADenialSayWhy) {
  for (const char* verb : {"deny", "request_changes"}) {
    auto claims = denial();
    claims.verb = verb;
    claims.reason.reset();
    EXPECT_FALSE(decode_decision_claims(encode(claims))) << verb;
  }
}

TEST(TokenClaims, OfACountersignatureNameADecision) {
  auto claims = countersignature();
  claims.decisions.clear();
  EXPECT_FALSE(decode_countersignature_claims(encode(claims)));
  json more = json::parse(encode(countersignature()));
  more["decisions"][0]["delegate"] = "paul";
  EXPECT_EQ(decode_countersignature_claims(more.dump()).error().code, "claim_unknown");
}

std::string verdict(const base::Result<void>& result) { return result ? "accepted" : result.error().code; }

struct Moment {
  const char* name;
  std::int64_t issued, expires, now;
  const char* verdict;
};

class TokenTimes : public testing::TestWithParam<Moment> {};

TEST_P(TokenTimes, AreJudgedWithAMinuteOfTolerance) {
  const auto& moment = GetParam();
  EXPECT_EQ(verdict(check_times(noon + moment.issued, noon + moment.expires, at(noon + moment.now), longest_decision)), moment.verdict);
}

INSTANTIATE_TEST_SUITE_P(
    TokenClaims, TokenTimes,
    testing::Values(Moment{"Fresh", 0, 300, 10, "accepted"}, Moment{"LastSecondOfTolerance", 0, 300, 359, "accepted"},
                    Moment{"Expired", 0, 300, 360, "token_expired"}, Moment{"LongExpired", 0, 300, 86'400, "token_expired"},
                    Moment{"SignersClockAhead", 60, 300, 0, "accepted"}, Moment{"NotYetValid", 61, 300, 0, "token_not_yet_valid"},
                    Moment{"AsLongAsAllowed", 0, 600, 0, "accepted"}, Moment{"TooLong", 0, 601, 0, "token_lives_too_long"},
                    Moment{"ForEver", 0, 9'000'000'000'000, 0, "token_lives_too_long"},
                    Moment{"EndsBeforeItBegins", 0, -1, 0, "token_expired"}, Moment{"EndsAsItBegins", 0, 0, 0, "token_expired"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(TokenAudience, IsOneEnvironmentsAlone) {
  EXPECT_EQ(verdict(check_audience("countersign/demo", decision_audience("demo"))), "accepted");
  for (const char* other : {"countersign/demo2", "countersign/", "executor/demo", "countersign/demo ", "Countersign/demo"})
    EXPECT_EQ(verdict(check_audience(other, decision_audience("demo"))), "token_audience_wrong") << other;
}

}  // namespace
}  // namespace countersign::contracts
