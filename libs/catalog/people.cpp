#include "catalog/people.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/mailbox.hpp"
#include "catalog/mistakes.hpp"
#include "contracts/token_claims.hpp"
#include "contracts/value.hpp"
#include "crypto/base64.hpp"
#include "crypto/jwk.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

template <typename T, typename U>
bool lists(const std::vector<T>& list, const U& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

std::vector<PublicKey> read_keys(const json& body, Mistakes& mistakes) {
  std::vector<PublicKey> keys;
  crypto::KeySet usable;
  for (const auto& key : body) {
    const std::string kid = key.at("kid");
    const auto bytes = crypto::base64url_decode(key.at("x").get<std::string>());
    const auto added = bytes ? usable.add(kid, *bytes) : tl::unexpected(bytes.error());
    mistakes.check(added.has_value(), "the key " + kid + ": " + (added ? "" : added.error().detail));
    const auto same = [&](const auto& other) { return other.kid == kid || (bytes && other.bytes == *bytes); };
    mistakes.check(std::none_of(keys.begin(), keys.end(), same), "the key " + kid + " is there twice");
    keys.push_back({kid, bytes.value_or("")});
  }
  return keys;
}

std::vector<Identity> read_identities(const json& body, Mistakes& mistakes) {
  std::vector<Identity> identities;
  for (const auto& each : body) {
    Identity identity{each.at("issuer"), each.at("subject")};
    mistakes.check(identity.issuer != contracts::person_issuer,
                   "an identity's issuer is not `person`: that is what a person's own key says");
    mistakes.check(!lists(identities, identity), "the identity " + identity.subject + " at " + identity.issuer + " is there twice");
    identities.push_back(std::move(identity));
  }
  return identities;
}

VouchingLimits read_limits(const json& body, Mistakes& mistakes) {
  VouchingLimits limits;
  limits.people = body.at("people").get<std::vector<std::string>>();
  limits.tools = body.value("tools", std::vector<std::string>{});
  for (const auto& name : body.value("classes", std::vector<std::string>{}))
    limits.classes.push_back(domain::find_named<domain::RiskClass>(name).value_or(domain::RiskClass::read));
  for (const auto& amount : body.value("up_to", json::array())) {
    const auto value = contracts::to_value(amount);
    const auto* money = value.money();
    mistakes.check(money != nullptr && money->minor >= 0, "up_to has an amount that is out of range");
    if (money == nullptr) continue;
    const auto same = [money](const auto& other) { return other.currency == money->currency; };
    mistakes.check(std::none_of(limits.up_to.begin(), limits.up_to.end(), same), "up_to has " + money->currency + " twice");
    limits.up_to.push_back(*money);
  }
  return limits;
}

}  // namespace

domain::Approver Person::approver() const {
  return {.name = name, .roles = {roles.begin(), roles.end()}, .aliases = {aliases.begin(), aliases.end()}};
}

bool VouchingLimits::admits_person(std::string_view person) const { return lists(people, "*") || lists(people, person); }

bool VouchingLimits::admits_action(std::string_view tool, domain::RiskClass risk, const base::Money* amount) const {
  const auto within = [amount](const auto& limit) {
    return amount != nullptr && amount->currency == limit.currency && amount->minor <= limit.minor;
  };
  return (tools.empty() || lists(tools, tool) || lists(tools, "*")) && (classes.empty() || lists(classes, risk)) &&
         (up_to.empty() || std::any_of(up_to.begin(), up_to.end(), within));
}

const PublicKey* find_key(const std::vector<PublicKey>& keys, std::string_view kid) {
  const auto found = std::find_if(keys.begin(), keys.end(), [kid](const auto& key) { return key.kid == kid; });
  return found == keys.end() ? nullptr : &*found;
}

base::Result<Person> parse_person(const Document& document) {
  if (auto fine = check_kind(document, "person"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Mistakes mistakes;
  Person person;
  person.tenant = document.tenant;
  person.name = document.name;
  person.version = document.version;
  person.digest = document.digest;
  person.display_name = body.at("display_name");
  if (body.contains("email")) person.email = body.at("email").get<std::string>();
  mistakes.check(!person.email || valid_mail_address(*person.email), "email is not one mail address");
  person.roles = body.at("roles").get<std::vector<std::string>>();
  person.identities = read_identities(body.value("identities", json::array()), mistakes);
  person.keys = read_keys(body.value("keys", json::array()), mistakes);
  person.aliases = body.value("aliases", std::vector<std::string>{});
  person.retired = body.value("retired", false);
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return person;
}

base::Result<Issuer> parse_issuer(const Document& document) {
  if (auto fine = check_kind(document, "issuer"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Mistakes mistakes;
  Issuer issuer;
  issuer.tenant = document.tenant;
  issuer.name = document.name;
  issuer.version = document.version;
  issuer.digest = document.digest;
  mistakes.check(issuer.name != contracts::person_issuer, "no issuer is called `person`: that is what a person's own key says");
  issuer.keys = read_keys(body.at("keys"), mistakes);
  issuer.may_vouch = read_limits(body.at("may_vouch"), mistakes);
  issuer.retired = body.value("retired", false);
  mistakes.check(issuer.retired || !issuer.keys.empty(), "an issuer has a key");
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return issuer;
}

}  // namespace countersign::catalog
