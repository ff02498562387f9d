#include "cli/decide.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "catalog/catalog.hpp"
#include "cli/approvals.hpp"
#include "cli/exit_codes.hpp"
#include "cli/findings.hpp"
#include "cli/sql.hpp"
#include "cli/topic_map.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "crypto/random.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Parameters;
using std::chrono::milliseconds;

constexpr std::chrono::seconds good_for{300};
constexpr std::chrono::seconds patience_with_an_answer{10};
constexpr milliseconds between_answers{100};
constexpr std::size_t nonce_bytes = 24;

std::string text(const json& object, const char* name) { return object.at(name).get<std::string>(); }

std::int64_t in_seconds(base::WallTime at) { return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count(); }

crypto::SigningKey read_key(const std::string& file) {
  auto key = crypto::read_signing_key_file(file);
  if (!key) throw BadInput(key.error().detail);
  return std::move(*key);
}

// Whoever can write to the database of one deployment could copy an approval of another one there, and collect signatures that count there.
void check_environment(const json& approval, const DecideWish& wish) {
  const auto named = approval.at("shown").at("action").value("environment", "");
  if (wish.environment != named)
    throw Misused("this approval belongs to the deployment '" + printable(named) + "', and you sign for '" + wish.environment +
                  "'; if you mean the other one: --environment, or COUNTERSIGN_ENVIRONMENT");
}

// As the approval service answers: in main if it carries the tenant, else in the first realm that does.
std::string realm_of(postgres::Session& session, const std::string& tenant) {
  catalog::Catalog catalog({"tenant", "realm"});
  if (const auto loaded = catalog.refresh(session); !loaded) throw base::Misconfigured(loaded.error().detail);
  std::string first;
  for (const auto& [name, realm] : catalog.current()->realms()) {
    if (!realm.carries(tenant)) continue;
    if (name == "main") return name;
    if (first.empty()) first = name;
  }
  if (first.empty()) throw base::Misconfigured("no realm carries tenant " + tenant + ": countersign apply DIR");
  return first;
}

contracts::DecisionClaims claims_of(const json& approval, const DecideWish& wish, base::WallTime now) {
  check_environment(approval, wish);
  contracts::DecisionClaims claims;
  claims.issuer = contracts::person_issuer;
  claims.subject = wish.person;
  claims.audience = contracts::decision_audience(wish.environment);
  claims.tenant = text(approval, "tenant");
  claims.approval_id = base::Uuid::parse(text(approval, "id")).value();
  claims.action_digest = text(approval, "action_digest");
  claims.verb = wish.verb;
  if (!wish.reason.empty()) claims.reason = wish.reason;
  claims.nonce = crypto::base64url_encode(crypto::random_bytes(nonce_bytes));
  claims.issued_at = in_seconds(now);
  claims.expires_at = claims.issued_at + good_for.count();
  return claims;
}

messaging::Record record_of(const contracts::DecisionSubmitted& decision, const std::string& topic, base::WallTime now,
                            base::UuidSource& ids) {
  contracts::Envelope envelope;
  envelope.id = ids.next().str();
  envelope.source = "urn:countersign:cli";
  envelope.type = contracts::types::decision_submitted;
  envelope.subject = decision.ticket_id;
  envelope.time = base::to_rfc3339(now);
  envelope.dataschema = contracts::schema_id(envelope.type);
  envelope.tenant = decision.tenant;
  envelope.partition_key = contracts::make_key(decision.tenant, decision.ticket_id);
  return {topic, envelope.partition_key, contracts::encode(decision), contracts::to_headers(envelope), 0};
}

// What a refusal means, and what to do about it. Codes of the approval service, of tokens and of signatures.
const std::map<std::string, std::string>& advice() {
  static const std::map<std::string, std::string> all{
      {"excluded", "you asked for this, act for who did, or are excluded otherwise; somebody else must decide"},
      {"role_missing", "you hold none of the roles that are asked; somebody who does must decide"},
      {"contributed", "you asked for changes in this ticket before, so that what is asked now is partly yours; somebody else must approve"},
      {"denied_before", "this operation was denied before; whoever denied it must approve first"},
      {"issuer_spent", "that issuer has vouched for somebody else here; decide with your own key"},
      {"vouching_person", "the issuer may not speak for you; decide with your own key"},
      {"vouching_limit", "this is beyond what the issuer may vouch for; decide with your own key"},
      {"signer_unknown", "nobody of that name is believed; see --as, and that the person was registered with two signatures or founded"},
      {"person_unknown", "nobody of that name is believed; see --as, and that the person was registered with two signatures or founded"},
      {"jws_key_unknown", "the key is none of that person's; see --key, or register a new version of the person with it"},
      {"jws_signature_invalid", "the key has the name of one of that person's and is another one; see --key"},
      {"token_audience_wrong", "it was signed for another deployment; see --environment"},
      {"token_expired", "it came too late; see that this machine's clock is right, and decide again"},
      {"token_not_yet_valid", "it says that it was signed in the future; see that this machine's clock is right, and decide again"},
      {"action_digest_wrong", "another action was signed than the one that is asked about; look at it again"},
      {"approval_unknown", "the approval service does not know this approval"},
      {"nonce_spent", "its nonce was used before; decide again"},
  };
  return all;
}

bool conflicts(const std::string& code) { return code == "approval_not_open" || code == "approval_expired" || code == "already_decided"; }

std::string still_needed(const json& approval) {
  std::int64_t votes = 0;
  for (const auto& decision : approval.at("decisions"))
    votes += decision.at("counted").get<bool>() && decision.at("verb") == "approve" ? 1 : 0;
  return count_of(votes, "person has", "people have") + " approved; needed: " + people_needed(approval.at("shown").at("requirement"));
}

std::string past_of(const std::string& verb) {
  return verb == "approve" ? "approved" : verb == "deny" ? "denied" : "changes requested for";
}

void say(const Answer& answer, const DecideWish& wish, const SignedDecision& decision, const json& recorded, const json& approval,
         const Console& console) {
  console.give({{"approval_id", approval.at("id")},
                {"verb", wish.verb},
                {"person", wish.person},
                {"decision", decision.digest},
                {"counted", recorded.value("counted", false)},
                {"code", recorded.contains("code") ? recorded.at("code") : json()},
                {"state", approval.at("state")},
                {"people", approval.at("people")},
                {"text", answer.text}});
  if (answer.code == exit_well)
    console.say(answer.text);
  else
    console.warn(answer.text);
}

}  // namespace

SignedDecision make_decision(const json& approval, const DecideWish& wish, const crypto::SigningKey& key, const std::string& topic,
                             base::WallTime now, base::UuidSource& ids) {
  const auto jws = crypto::sign_jws(key, contracts::token_types::decision, contracts::encode(claims_of(approval, wish, now)));
  const contracts::DecisionSubmitted decision{text(approval, "tenant"), text(approval, "ticket_id"),
                                              base::Uuid::parse(text(approval, "id")).value(), jws};
  return {crypto::sha256(jws).hex(), record_of(decision, topic, now, ids)};
}

void send_decision(messaging::Producer& producer, const SignedDecision& decision, milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  std::string error = "no answer";
  for (bool offered = false; std::chrono::steady_clock::now() < until;) {
    if (!offered) offered = producer.offer(decision.record);
    for (const auto& receipt : producer.receipts(between_answers)) {
      if (receipt.good) return;
      error = receipt.error;
      if (!receipt.retry)
        throw base::Misconfigured("Kafka refuses the decision: " + error + "; decisions are written as the Kafka user reviewer");
      offered = false;
    }
  }
  throw base::Unavailable("Kafka did not confirm the decision, which may or may not count: " + error);
}

std::optional<json> await_recorded(postgres::Session& session, const std::string& tenant, const std::string& digest, base::Clock& clock,
                                   milliseconds longest) {
  const auto until = clock.steady() + longest;
  for (;;) {
    auto rows = find_objects(session, sql::find_recorded_decision, Parameters{}.add(tenant).add(digest));
    if (!rows.empty()) return std::move(rows.front());
    if (clock.steady() >= until) return std::nullopt;
    clock.wait({}, between_answers);
  }
}

Answer answer_to(const DecideWish& wish, const json& recorded, const json& approval) {
  const std::string id = text(approval, "id"), state = text(approval, "state");
  if (recorded.at("counted").get<bool>()) {
    if (state == "requested") return {exit_well, "Your approval counts. " + still_needed(approval) + "."};
    if (state == "approved" || state == "consumed")
      return {exit_well, "Approved: everybody who is needed has agreed, and the action runs as it was shown."};
    return {exit_well, "It counts: " + state_of(approval)};
  }
  const std::string code = recorded.value("code", "unknown");
  if (code == "already_decided") return {exit_conflict, "You have approved this before; it is " + state_of(approval) + "."};
  if (conflicts(code)) return {exit_conflict, "Too late, nothing was changed: it is " + state_of(approval) + "."};
  const auto known = advice().find(code);
  return {exit_not_well,
          "Not " + past_of(wish.verb) + " (" + printable(code) + ")" + (known == advice().end() ? "" : ": " + known->second) + "."};
}

int decide(const Reach& reach, const DecideWish& wish, const Console& console) {
  check_approval_id(wish.id);
  const auto key = read_key(wish.key_file);
  auto session = open_database(database_settings(reach));
  json approval = get_approval(session, wish.id, wish.tenant);
  const SignedDecision nothing{};
  if (const auto forgery = find_forgery(approval); !forgery.empty()) {
    say({exit_not_well, forgery + "; nothing was signed"}, wish, nothing, json::object(), approval, console);
    return exit_not_well;
  }
  if (approval.at("state") != "requested") {
    say({exit_conflict, "Nothing was signed: it is " + state_of(approval) + " already."}, wish, nothing, json::object(), approval, console);
    return exit_conflict;
  }
  check_environment(approval, wish);
  base::SystemClock clock;
  base::UuidV7Source ids(clock);
  const auto tenant = text(approval, "tenant");
  const auto topic = realm_topic("decisions", wish.realm.empty() ? realm_of(session, tenant) : wish.realm);
  messaging::KafkaBroker broker{kafka_settings(reach)};
  broker.warm({topic});
  const auto producer = broker.make_producer();
  const auto decision = make_decision(approval, wish, key, topic, clock.wall(), ids);
  console.say(text(approval.at("shown"), "sentence"));
  send_decision(*producer, decision, patience_with_an_answer);

  const auto recorded = await_recorded(session, tenant, decision.digest, clock, patience_with_an_answer);
  if (!recorded)
    throw base::Unavailable("the decision lies on topic " + topic + ", and the approval service has not recorded it within " +
                            std::to_string(patience_with_an_answer.count()) +
                            " s; it counts when it does. See countersign doctor, then countersign approvals " + text(approval, "id"));
  approval = get_approval(session, text(approval, "id"), tenant);
  const auto answer = answer_to(wish, *recorded, approval);
  say(answer, wish, decision, *recorded, approval, console);
  return answer.code;
}

}  // namespace countersign::cli
