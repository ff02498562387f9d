#pragma once

// ApprovalSceneTest: a fixture in which people decide: a tenant, its tools and people, and the whole service on a real database.

#include "approval/tests/service_scene.hpp"

namespace countersign::approval::testing {

inline const std::vector<std::string> base_documents{
    R"({"kind":"tenant","name":"acme","version":1,"display_name":"Acme"})",
    R"({"kind":"tenant","name":"globex","version":1,"display_name":"Globex"})",
    R"({"kind":"realm","name":"main","version":1,"tenants":["acme"],"trust":{"requester":"authenticated","verified_fields":[]}})",
    R"({"kind":"realm","name":"beta","version":1,"tenants":["globex"],"trust":{"requester":"unverified","verified_fields":[]}})"};

class ApprovalSceneTest : public ::testing::Test {
 protected:
  ApprovalSceneTest() {
    auto documents = base_documents;
    const auto everybody = scene.everybody();
    documents.insert(documents.end(), everybody.begin(), everybody.end());
    configure(documents);
  }

  void configure(const std::vector<std::string>& documents) {
    lab.configure(documents);
    read_people();
  }
  // A newer version of a person, for whom two others vouch.
  void replace(const std::string& person, const std::vector<std::string>& signers) {
    configure({person});
    const auto document = catalog::read_document(person);
    for (const auto& signer : signers) {
      contracts::ChangeClaims claims{.subject = signer,
                                     .audience = contracts::decision_audience(environment),
                                     .tenant = document->tenant,
                                     .kind = "person",
                                     .name = document->name,
                                     .version = document->version,
                                     .digest = document->digest,
                                     .issued_at = now_s()};
      const auto jws = crypto::sign_jws(scene.keys.at(signer), contracts::token_types::change, contracts::encode(claims));
      lab.admin().execute({"scene_vouch",
                           "INSERT INTO core.signature (tenant_id, kind, name, version, person, jws, jws_sha256) "
                           "VALUES ($1::text, 'person', $2::text, $3::bigint, $4::text, $5::text, sha256(convert_to($5::text, 'UTF8')))"},
                          postgres::Parameters{}.add(document->tenant).add(document->name).add(document->version).add(signer).add(jws));
    }
    configure({});
  }
  void read_people() { service.people.refresh(*lab.core().pool().borrow()); }

  // ---- the executor

  template <typename Message>
  void refer(const Message& message, std::string_view type, const std::string& key = "acme/T-1") {
    refer_text(contracts::encode(message), type, key);
  }
  void refer_text(const std::string& data, std::string_view type, const std::string& key = "acme/T-1") {
    lab.send({.topic = "referrals", .key = key, .type = std::string(type), .data = data, .sequence = ++referred[key]});
    lab.run(service.referrals, 1);
  }
  contracts::ShownApproval ask(int number = 1) {
    return ask(number, [](auto&) {});
  }
  template <typename Change>
  contracts::ShownApproval ask(int number, Change change) {
    const auto shown = scene.shown(id_number(number), change);
    refer(scene.sign(shown), "referral.approval", shown.tenant + "/" + shown.ticket_id);
    return shown;
  }
  template <typename Referral>
  static Referral later(const contracts::ShownApproval& shown) {
    Referral referral;
    referral.tenant = shown.tenant;
    referral.ticket_id = shown.ticket_id;
    referral.run = shown.run;
    referral.step = shown.step;
    referral.approval_id = shown.approval_id;
    referral.action_digest = shown.action_digest;
    return referral;
  }
  void renew(const contracts::ShownApproval& shown) {
    refer(later<contracts::ReferralRenewal>(shown), "referral.renewal", shown.tenant + "/" + shown.ticket_id);
  }
  void consume(const contracts::ShownApproval& shown, const std::string& jti) {
    auto referral = later<contracts::ReferralConsumed>(shown);
    referral.jti = jti;
    refer(referral, "referral.consumed", shown.tenant + "/" + shown.ticket_id);
  }
  void withdraw(const contracts::ShownApproval& shown) {
    auto referral = later<contracts::ReferralWithdrawn>(shown);
    referral.codes = {"ticket_updated"};
    refer(referral, "referral.withdrawn", shown.tenant + "/" + shown.ticket_id);
  }

  // ---- people

  void send_decision(const contracts::ShownApproval& shown, const std::string& jws, const std::string& topic = "decisions") {
    const contracts::DecisionSubmitted message{shown.tenant, shown.ticket_id, shown.approval_id, jws};
    lab.send(
        {.topic = topic, .key = shown.tenant + "/" + shown.ticket_id, .type = "decision.submitted", .data = contracts::encode(message)});
  }
  void submit(const contracts::ShownApproval& shown, const std::string& jws, const std::string& topic = "decisions") {
    send_decision(shown, jws, topic);
    lab.run(service.decisions, 1);
  }
  void decide(const contracts::ShownApproval& shown, const std::string& person, const std::string& verb = "approve") {
    submit(shown, scene.sign(Scene::decision(shown, person, verb)));
  }

  // ---- what came of it

  std::string state(const contracts::ShownApproval& shown) {
    const auto rows = lab.admin().execute({"scene_state", "SELECT state FROM approval WHERE approval_id = $1::uuid"},
                                          postgres::Parameters{}.add(shown.approval_id));
    return rows.empty() ? "none" : rows[0].get<std::string>(0);
  }
  // Codes of the decisions that did not count, in their order.
  std::string refusals() {
    std::string codes;
    for (const auto row : lab.admin().execute({"scene_codes", "SELECT code FROM decision WHERE NOT counted ORDER BY decision_id"}))
      codes += row.get<std::string>(0) + " ";
    return codes;
  }
  std::int64_t count(const char* name, const std::string& from) { return lab.number(name, "SELECT count(*) FROM " + from); }
  std::vector<std::string> told(const std::string& topic, const std::string& key = "acme/T-1") const {
    std::vector<std::string> types;
    for (const auto& message : lab.broker().messages(topic))
      if (message.key == key) types.emplace_back(*base::find_header(message.headers, "ce_type"));
    return types;
  }
  contracts::CountersignatureClaims claims_in(const json& granted) const {
    const auto read = crypto::verify_jws(granted["countersignature"].get<std::string>(), contracts::token_types::countersignature,
                                         anchors_of(scene.approval));
    EXPECT_TRUE(read);
    return contracts::decode_countersignature_claims(read->payload()).value();
  }
  // As if everything had been asked an hour ago and the time were over since a second.
  void let_time_pass() {
    lab.admin().execute_script(
        "UPDATE approval SET requested_at = requested_at - interval '1 hour', "
        "expires_at = date_trunc('second', clock_timestamp()) - interval '1 second' WHERE expires_at IS NOT NULL");
  }

  Scene scene;
  mutable foundation::testing::ServiceLab lab{territory(), topics(), {"tenant", "realm", "tool"}};
  Service service{lab, scene, scene.everybody()};
  std::map<std::string, std::int64_t> referred;
};

}  // namespace countersign::approval::testing
