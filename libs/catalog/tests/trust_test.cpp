// Who is believed to be whom: what makes a document believed, and what does not however hard somebody tries.

#include "catalog/trust.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "catalog/registration.hpp"
#include "catalog/tests/documents.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"

namespace countersign::catalog {
namespace {

using nlohmann::json;

// The same seed gives the same key, so that tests can be repeated.
crypto::SigningKey key_of(const std::string& kid) {
  return {kid, crypto::load_ed25519_key_pair(base::Secret(crypto::sha256(kid).raw())).value()};
}

json public_key(const std::string& kid, const std::string& seed) {
  return {{"kid", kid}, {"x", crypto::base64url_encode(key_of(seed).pair.public_key)}};
}

struct Wish {
  std::string name;
  int version = 1;
  std::vector<std::string> kids{};  // default: NAME-1
  std::string subject{};            // at issuer helpdesk; default: U-NAME
  bool retired = false;
  std::string tenant = "acme";
};

Document person(const Wish& wish) {
  json keys = json::array();
  for (const auto& kid : wish.kids.empty() ? std::vector<std::string>{wish.name + "-1"} : wish.kids) keys.push_back(public_key(kid, kid));
  return testing::document_of(
      {{"kind", "person"},
       {"tenant", wish.tenant},
       {"name", wish.name},
       {"version", wish.version},
       {"display_name", wish.name},
       {"roles", {"approver"}},
       {"identities", {{{"issuer", "helpdesk"}, {"subject", wish.subject.empty() ? "U-" + wish.name : wish.subject}}}},
       {"keys", keys},
       {"aliases", {"staff-" + wish.name}},
       {"retired", wish.retired}});
}

Document issuer(const std::string& name, const std::string& kid) {
  return testing::document_of({{"kind", "issuer"},
                               {"tenant", "acme"},
                               {"name", name},
                               {"version", 1},
                               {"keys", {public_key(kid, kid)}},
                               {"may_vouch", {{"people", {"*"}}}}});
}

contracts::ChangeClaims claims_of(const Document& document, const std::string& signer) {
  return {.issuer = "person",
          .subject = signer,
          .audience = contracts::decision_audience("test"),
          .tenant = document.tenant,
          .kind = document.kind,
          .name = document.name,
          .version = document.version,
          .digest = document.digest,
          .issued_at = 1'700'000'000};
}

std::string token(const contracts::ChangeClaims& claims, const std::string& kid, std::string_view typ = contracts::token_types::change) {
  return crypto::sign_jws(key_of(kid), typ, encode(claims));
}

ChangeSignature row(const Document& document, const std::string& signer, const std::string& jws) {
  return {document.tenant, document.kind, document.name, document.version, signer, jws};
}

class TrustTest : public ::testing::Test {
 protected:
  TrustTest() {
    for (const char* name : {"ada", "bob", "carol"}) found(person({name}));
  }

  void found(const Document& document) {
    founders_.documents.insert(document.digest);
    material_.documents.push_back(document);
  }
  // Signed by these, each with their first key.
  void add(const Document& document, const std::vector<std::string>& signers) {
    material_.documents.push_back(document);
    for (const auto& signer : signers) sign(document, signer, signer + "-1");
  }
  void sign(const Document& document, const std::string& signer, const std::string& kid) {
    material_.signatures.push_back(row(document, signer, token(claims_of(document, signer), kid)));
  }
  Directory directory() const { return Directory::believe(material_, founders_, "test"); }
  bool believed(const std::string& name) const { return directory().find_person("acme", name) != nullptr; }
  std::int64_t version_of(const std::string& name) const {
    const auto all = directory();
    const auto* found = all.find_person("acme", name);
    return found == nullptr ? 0 : found->version;
  }

  Founders founders_;
  TrustMaterial material_;
};

TEST_F(TrustTest, BelievesTheFoundersAndNobodyElse) {
  material_.documents.push_back(person({"mallory"}));
  const auto all = directory();
  EXPECT_EQ(all.people("acme").size(), 3U);
  EXPECT_EQ(all.find_person("acme", "mallory"), nullptr);
  EXPECT_EQ(all.find_person("globex", "ada"), nullptr);
  EXPECT_EQ(all.find_person_of("acme", {"helpdesk", "U-ada"})->name, "ada");
  EXPECT_EQ(all.find_person_of("acme", {"other", "U-ada"}), nullptr);
  EXPECT_EQ(all.find_person_behind("acme", "staff-bob")->name, "bob");
  EXPECT_EQ(all.find_person_behind("acme", "bob")->name, "bob");
  EXPECT_EQ(all.find_person_behind("acme", "staff-nobody"), nullptr);
  ASSERT_EQ(all.doubts().size(), 1U);
  EXPECT_EQ(all.doubts()[0].label, "person acme/mallory@1");
}

TEST_F(TrustTest, BelievesNobodyWithoutFounders) {
  founders_ = {};
  EXPECT_TRUE(directory().people("acme").empty());
}

TEST_F(TrustTest, BelievesWhomTwoBelievedPeopleSigned) {
  add(person({"dan"}), {"ada", "bob"});
  add(issuer("helpdesk", "helpdesk-1"), {"ada", "carol"});
  EXPECT_TRUE(believed("dan"));
  EXPECT_NE(directory().find_issuer("acme", "helpdesk"), nullptr);
}

TEST_F(TrustTest, SpreadsBeliefWhateverTheOrderOfTheRows) {
  const auto dan = person({"dan"}), eve = person({"eve"}), fay = person({"fay"});
  add(fay, {"dan", "eve"});
  add(eve, {"dan", "ada"});
  add(dan, {"ada", "bob"});
  EXPECT_TRUE(believed("fay"));
  std::reverse(material_.documents.begin(), material_.documents.end());
  std::reverse(material_.signatures.begin(), material_.signatures.end());
  EXPECT_TRUE(believed("fay"));
}

TEST_F(TrustTest, DoesNotLetStrangersVouchForEachOther) {
  add(person({"mallory"}), {"trudy", "oscar"});
  add(person({"trudy"}), {"mallory", "oscar"});
  add(person({"oscar"}), {"mallory", "trudy"});
  for (const char* name : {"mallory", "trudy", "oscar"}) EXPECT_FALSE(believed(name)) << name;
}

struct Forgery {
  std::string what;
  std::function<void(TrustMaterial&, const Document&)> attempt;  // beside one good signature of ada
};

std::vector<Forgery> forgeries() {
  const auto with = [](
                        std::string signer, std::string kid, std::function<void(contracts::ChangeClaims&)> change = [](auto&) {}) {
    return [=](TrustMaterial& material, const Document& document) {
      auto claims = claims_of(document, signer);
      change(claims);
      material.signatures.push_back(row(document, signer, token(claims, kid)));
    };
  };
  return {
      {"nobody else signed", [](auto&, const auto&) {}},
      {"the person signed for themselves", with("mallory", "mallory-1")},
      {"the same person again", with("ada", "ada-1", [](auto& c) { c.issued_at += 1; })},
      {"somebody who is not believed", with("trudy", "trudy-1")},
      {"another one's name over one's own key", with("bob", "mallory-1")},
      {"another one's name and key id over one's own key",
       [](auto& material, const auto& document) {
         auto key = key_of("mallory-1");
         key.kid = "bob-1";
         material.signatures.push_back(
             row(document, "bob", crypto::sign_jws(key, contracts::token_types::change, encode(claims_of(document, "bob")))));
       }},
      {"ada's signature under bob's name",
       [](auto& material, const auto& document) {
         material.signatures.push_back(row(document, "bob", token(claims_of(document, "ada"), "ada-1")));
       }},
      {"ada's key under bob's name", with("bob", "ada-1")},
      {"another digest", with("bob", "bob-1", [](auto& c) { c.digest = std::string(64, '0'); })},
      {"another version", with("bob", "bob-1", [](auto& c) { c.version = 2; })},
      {"another person", with("bob", "bob-1", [](auto& c) { c.name = "dan"; })},
      {"another kind", with("bob", "bob-1", [](auto& c) { c.kind = "issuer"; })},
      {"another tenant", with("bob", "bob-1", [](auto& c) { c.tenant = "globex"; })},
      {"another environment", with("bob", "bob-1", [](auto& c) { c.audience = contracts::decision_audience("production"); })},
      {"an issuer's word", with("bob", "bob-1", [](auto& c) { c.issuer = "helpdesk"; })},
      {"a token of another type",
       [](auto& material, const auto& document) {
         material.signatures.push_back(row(document, "bob", token(claims_of(document, "bob"), "bob-1", contracts::token_types::decision)));
       }},
      {"a broken token",
       [](auto& material, const auto& document) {
         auto text = token(claims_of(document, "bob"), "bob-1");
         text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
         material.signatures.push_back(row(document, "bob", text));
       }},
      {"no token at all", [](auto& material, const auto& document) { material.signatures.push_back(row(document, "bob", "bob agrees")); }},
      {"a signature over another document",
       [](auto& material, const auto& document) {
         const auto other = person({"mallory", 2});
         material.signatures.push_back(row(document, "bob", token(claims_of(other, "bob"), "bob-1")));
       }},
  };
}

TEST_F(TrustTest, IsNotWonByForgery) {
  for (const auto& forgery : forgeries()) {
    const TrustMaterial before = material_;
    const auto mallory = person({"mallory"});
    add(mallory, {"ada"});
    forgery.attempt(material_, mallory);
    EXPECT_FALSE(believed("mallory")) << forgery.what;
    EXPECT_FALSE(directory().believes(mallory.digest)) << forgery.what;
    material_ = before;
  }
}

TEST_F(TrustTest, PeopleOfAnotherTenantVouchForNobodyHere) {
  found(person({.name = "zoe", .tenant = "globex"}));
  found(person({.name = "yan", .tenant = "globex"}));
  add(person({"mallory"}), {"zoe", "yan"});
  EXPECT_FALSE(believed("mallory"));
}

TEST_F(TrustTest, TheHighestBelievedVersionCounts) {
  add(person({"dan"}), {"ada", "bob"});
  add(person({"dan", 3}), {"ada", "bob"});
  add(person({"dan", 2}), {"ada", "bob"});
  EXPECT_EQ(version_of("dan"), 3);
  add(person({"dan", 9}), {"ada"});  // half signed
  EXPECT_EQ(version_of("dan"), 3);
}

TEST_F(TrustTest, RetiringEndsAPersonForGood) {
  add(person({.name = "dan"}), {"ada", "bob"});
  add(person({.name = "dan", .version = 2, .retired = true}), {"ada", "bob"});
  EXPECT_FALSE(believed("dan"));
  EXPECT_EQ(directory().find_person_of("acme", {"helpdesk", "U-dan"}), nullptr);
  // An older version that turns up later, as an activation row might point at it.
  material_.documents.insert(material_.documents.begin(), person({.name = "dan"}));
  EXPECT_FALSE(believed("dan"));
}

TEST_F(TrustTest, RetiringDoesNotUndoThoseTheyVouchedFor) {
  add(person({"dan"}), {"ada", "bob"});
  add(person({.name = "ada", .version = 2, .retired = true}), {"bob", "carol"});
  EXPECT_FALSE(believed("ada"));
  EXPECT_TRUE(believed("dan"));
}

TEST_F(TrustTest, NobodyRetiresOrChangesSomebodyAlone) {
  add(person({.name = "ada", .version = 2, .retired = true}), {"bob"});
  add(person({.name = "bob", .version = 2, .kids = {"mallory-1"}}), {"bob", "mallory"});
  EXPECT_TRUE(believed("ada"));
  EXPECT_EQ(version_of("bob"), 1);
}

TEST_F(TrustTest, AKeyOfAnOlderVersionStillCountsForWhatItSigned) {
  add(person({"dan"}), {"ada", "bob"});
  add(person({.name = "ada", .version = 2, .kids = {"ada-2"}}), {"bob", "carol"});
  EXPECT_EQ(version_of("ada"), 2);
  EXPECT_TRUE(believed("dan"));
  const auto eve = person({"eve"});
  add(eve, {"bob"});
  sign(eve, "ada", "ada-2");
  EXPECT_TRUE(believed("eve"));
}

TEST_F(TrustTest, ARevokedKeyCountsForNothing) {
  add(person({"dan"}), {"ada", "bob"});
  founders_.revoked_keys.insert(key_of("ada-1").pair.public_key);
  EXPECT_FALSE(believed("dan"));
  const auto all = directory();
  ASSERT_NE(all.find_person("acme", "ada"), nullptr);
  EXPECT_TRUE(all.find_person("acme", "ada")->keys.empty());
}

TEST_F(TrustTest, NobodyTakesAKeyThatSomebodyHas) {
  // One human who would count as two, or bob's decisions in dan's name.
  add(person({.name = "dan", .kids = {"bob-1"}}), {"ada", "carol"});
  add(issuer("bridge", "carol-1"), {"ada", "bob"});
  EXPECT_FALSE(believed("dan"));
  EXPECT_TRUE(believed("bob"));
  EXPECT_EQ(directory().find_issuer("acme", "bridge"), nullptr);
}

TEST_F(TrustTest, NobodyTakesAKeysName) {
  auto body = person({"dan"}).body.value();
  body["keys"] = {public_key("bob-1", "dan-1")};
  add(testing::document_of(body), {"ada", "carol"});
  EXPECT_FALSE(believed("dan"));
}

TEST_F(TrustTest, AKeyThatTwoWantAtOnceIsNobodys) {
  add(person({.name = "dan", .kids = {"shared-1"}}), {"ada", "bob"});
  add(person({.name = "eve", .kids = {"shared-1"}}), {"ada", "bob"});
  EXPECT_FALSE(believed("dan"));
  EXPECT_FALSE(believed("eve"));
}

TEST_F(TrustTest, AnOwnerKeepsTheirKeyAgainstWhoeverClaimsItInTheSameRound) {
  add(person({.name = "bob", .version = 2}), {"ada", "carol"});
  add(person({.name = "dan", .kids = {"bob-1"}}), {"ada", "carol"});
  EXPECT_EQ(version_of("bob"), 2);
  EXPECT_FALSE(believed("dan"));
}

TEST_F(TrustTest, AnIdentityOfTwoPeopleIsNobodys) {
  add(person({.name = "dan", .subject = "U-bob"}), {"ada", "carol"});
  EXPECT_TRUE(believed("dan"));
  EXPECT_TRUE(believed("bob"));
  EXPECT_EQ(directory().find_person_of("acme", {"helpdesk", "U-bob"}), nullptr);
}

TEST_F(TrustTest, AnIdentityMayMoveOnWhenItsPersonGivesItUp) {
  add(person({.name = "bob", .version = 2, .subject = "U-other"}), {"ada", "carol"});
  add(person({.name = "dan", .subject = "U-bob"}), {"ada", "carol"});
  EXPECT_EQ(directory().find_person_of("acme", {"helpdesk", "U-bob"})->name, "dan");
}

TEST_F(TrustTest, TwoDocumentsOfOneVersionAreNone) {
  auto other = person({"dan"}).body.value();
  other["roles"] = {"finance"};
  add(person({"dan"}), {"ada", "bob"});
  add(testing::document_of(other), {"ada", "bob"});
  EXPECT_FALSE(believed("dan"));
}

TEST_F(TrustTest, AStrangersDocumentOfTheSameVersionDoesNotUndoTheBelievedOne) {
  const auto retired = person({.name = "bob", .version = 2, .retired = true});
  add(retired, {"ada", "carol"});
  auto other = retired.body.value();
  other["roles"] = {"finance"};
  add(testing::document_of(other), {});
  EXPECT_FALSE(believed("bob"));
}

TEST_F(TrustTest, MaterialThatVanishesIsKeptByWhoRemembersIt) {
  add(person({.name = "ada", .version = 2, .retired = true}), {"bob", "carol"});
  const TrustMaterial before = material_;
  material_.documents.pop_back();
  material_.signatures.clear();
  EXPECT_TRUE(believed("ada"));
  material_.keep(before);
  EXPECT_FALSE(believed("ada"));
}

TEST_F(TrustTest, RegistrationTakesTwoPeopleInOffice) {
  const auto dan = person({"dan"});
  const auto good = [&dan](const std::string& name) { return token(claims_of(dan, name), name + "-1"); };
  const auto verdict = [&](const std::vector<std::string>& tokens) {
    return check_registration(dan, tokens, material_, founders_, "test");
  };
  const auto rows = verdict({good("ada"), good("bob")});
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ((*rows)[1].person, "bob");
  for (const auto& tokens : std::vector<std::vector<std::string>>{{},
                                                                  {good("ada")},
                                                                  {good("ada"), good("ada")},
                                                                  {good("ada"), good("dan")},
                                                                  {good("ada"), good("mallory")},
                                                                  {good("ada"), "nonsense"}}) {
    const auto refused = verdict(tokens);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "signatures_insufficient");
  }
}

TEST_F(TrustTest, RegistrationTakesNobodyWhoHasRetiredAndNoKeyOfYesterday) {
  const auto dan = person({"dan"});
  add(person({.name = "ada", .version = 2, .retired = true}), {"bob", "carol"});
  add(person({.name = "bob", .version = 2, .kids = {"bob-2"}}), {"ada", "carol"});
  const auto verdict = [&](const std::string& signer, const std::string& kid) {
    return check_registration(dan, {token(claims_of(dan, "carol"), "carol-1"), token(claims_of(dan, signer), kid)}, material_, founders_,
                              "test");
  };
  EXPECT_FALSE(verdict("ada", "ada-1"));
  EXPECT_FALSE(verdict("bob", "bob-1"));
  EXPECT_TRUE(verdict("bob", "bob-2"));
}

TEST_F(TrustTest, RegistrationRefusesWhatWouldNotBeBelieved) {
  const auto verdict = [&](const Document& document) {
    return check_registration(document, {token(claims_of(document, "ada"), "ada-1"), token(claims_of(document, "carol"), "carol-1")},
                              material_, founders_, "test");
  };
  EXPECT_FALSE(verdict(person({.name = "dan", .kids = {"bob-1"}})));
  EXPECT_FALSE(verdict(person({.name = "dan", .subject = "U-bob"})));
  add(person({"dan", 5}), {"ada", "bob"});
  EXPECT_FALSE(verdict(person({.name = "dan", .version = 4})));
  EXPECT_TRUE(verdict(person({.name = "dan", .version = 6})));
}

TEST(FoundersTest, AreReadStrictly) {
  const std::string digest(64, 'a');
  EXPECT_EQ(parse_founders(R"({"documents":[")" + digest + R"("]})")->documents.count(digest), 1U);
  EXPECT_EQ(parse_founders(R"({"documents":[],"revoked_keys":["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]})")->revoked_keys.size(), 1U);
  for (const char* text : {"", "[]", "{}", R"({"documents":"x"})", R"({"documents":[1]})", R"({"documents":["abc"]})",
                           R"({"documents":[],"revoked":[]})", R"({"documents":[],"revoked_keys":["AAAA"]})"})
    EXPECT_EQ(parse_founders(text).error().code, "founders_invalid") << text;
  EXPECT_EQ(read_founders_file("/nowhere/at/all").error().code, "founders_invalid");
}

TEST(VouchingLimitsTest, AdmitOnlyWhatIsWithinAllOfThem) {
  const auto helpdesk = parse_issuer(testing::document("issuer", "helpdesk")).value().may_vouch;
  const base::Money small{100, "EUR"}, large{50'001, "EUR"}, yen{1, "JPY"};
  EXPECT_TRUE(helpdesk.admits_person("ada"));
  EXPECT_FALSE(helpdesk.admits_person("carol"));
  EXPECT_TRUE(helpdesk.admits_action("issue_refund", domain::RiskClass::money, &small));
  EXPECT_FALSE(helpdesk.admits_action("issue_refund", domain::RiskClass::money, &large));
  EXPECT_FALSE(helpdesk.admits_action("issue_refund", domain::RiskClass::money, &yen));
  EXPECT_FALSE(helpdesk.admits_action("issue_refund", domain::RiskClass::money, nullptr));
  EXPECT_FALSE(helpdesk.admits_action("close_account", domain::RiskClass::money, &small));
  EXPECT_FALSE(helpdesk.admits_action("issue_refund", domain::RiskClass::irreversible, &small));
  const auto console = parse_issuer(testing::document("issuer", "console")).value().may_vouch;
  EXPECT_TRUE(console.admits_person("anybody"));
  EXPECT_TRUE(console.admits_action("close_account", domain::RiskClass::irreversible, nullptr));
}

}  // namespace
}  // namespace countersign::catalog
