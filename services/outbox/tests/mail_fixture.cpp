#include "outbox/tests/mail_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catalog/document_applier.hpp"
#include "contracts/codec.hpp"

namespace countersign::outbox::testing {

namespace {

using namespace std::chrono_literals;

nlohmann::json mailbox_document(const MailboxWish& wish) {
  nlohmann::json smtp{{"host", wish.host}, {"port", wish.port}, {"security", wish.security}};
  if (!wish.user.empty()) {
    smtp["user"] = wish.user;
    smtp["password_secret"] = wish.secret;
  }
  return {{"kind", "mailbox"},
          {"tenant", wish.tenant},
          {"name", wish.name},
          {"version", wish.version},
          {"smtp", smtp},
          {"from", {{"address", "desk@shop.example"}, {"name", "Käse-Laden"}}},
          {"reply_to", "answers@shop.example"},
          {"schedule_ms", nlohmann::json::parse(wish.schedule_ms)},
          {"when_maybe_sent", wish.when_maybe_sent},
          {"enabled", wish.enabled}};
}

}  // namespace

MailTest::MailTest() {
  options.mailer.allow_loopback = true;
  options.mailer.timeout = 8s;
}

void MailTest::configure_mail(const std::vector<MailboxWish>& mailboxes) {
  configure({});
  const std::filesystem::path documents = directory + "/documents";
  for (const auto& wish : mailboxes) std::ofstream(documents / (wish.tenant + "-" + wish.name + "-mail.json")) << mailbox_document(wish);
  const auto applied = catalog::DocumentApplier{*admin}.apply(documents);
  ASSERT_TRUE(applied) << applied.error().detail;
}

contracts::MessageRequested MailTest::letter(const std::string& ticket, const std::string& to) {
  contracts::MessageRequested message;
  message.tenant = "acme";
  message.ticket_id = ticket;
  message.run = 1;
  message.step = 2;
  message.channel = "email";
  message.mailbox = "support";
  message.to = to;
  message.subject = "Ihre Rückerstattung";
  message.text = "Guten Tag,\n.\n25,00 € sind unterwegs.\n";
  message.html = "<p>25,00 €</p>";
  message.template_label = "refund_done@1";
  return message;
}

base::Uuid MailTest::request(contracts::MessageRequested message) {
  if (message.message_id.nil()) {
    char text[37];
    std::snprintf(text, sizeof text, "018f6e1c-0000-7000-8000-%012d", ++serial_);
    message.message_id = *base::Uuid::parse(text);
  }
  publish(message.ticket_id, message.tenant, contracts::types::message_requested, contracts::encode(message));
  return message.message_id;
}

void MailTest::withdraw(const contracts::MessageRequested& message, const base::Uuid& id) {
  contracts::MessageWithdrawn withdrawn;
  withdrawn.tenant = message.tenant;
  withdrawn.ticket_id = message.ticket_id;
  withdrawn.message_id = id;
  withdrawn.run = message.run;
  withdrawn.step = message.step;
  publish(message.ticket_id, message.tenant, contracts::types::message_withdrawn, contracts::encode(withdrawn));
}

void MailTest::publish(const std::string& ticket, const std::string& tenant, std::string_view type, const std::string& data) {
  const std::string key = tenant + "/" + ticket;
  contracts::Envelope envelope;
  envelope.id = "mail-" + std::to_string(++serial_);
  envelope.source = "urn:countersign:executor";
  envelope.type = std::string(type);
  envelope.subject = ticket;
  envelope.time = "2026-05-01T10:00:00Z";
  envelope.tenant = tenant;
  envelope.partition_key = key;
  envelope.sequence = ++mail_sequences_[key];
  broker.append({.topic = "messages", .key = key, .value = data, .headers = contracts::to_headers(envelope)});
  ++published_;
}

void MailTest::intake_mail(Life& life) {
  for (int turn = 0; turn < 200 && published_ > 0; ++turn) published_ -= std::min(published_, life.service.mail_stage().run_once(10ms));
  ASSERT_EQ(published_, 0U);
}

std::size_t MailTest::send_mail(Life& life) {
  const std::size_t claimed = life.service.mail_claimer().claim_once();
  EXPECT_EQ(life.service.mailer().send_once(), claimed);
  return claimed;
}

std::size_t MailTest::deliver_mail(Life& life) {
  const std::size_t sent = send_mail(life);
  EXPECT_EQ(life.service.mail_recorder().record_once(), sent);
  return sent;
}

std::vector<std::string> MailTest::results(Life& life) {
  EXPECT_TRUE(life.core.publisher().flush(5s));
  std::vector<std::string> all;
  for (const auto& message : broker.messages("delivery-results")) {
    const auto type = base::find_header(message.headers, "ce_type");
    EXPECT_TRUE(type);
    const auto event = contracts::decode(*type, *message.value);
    EXPECT_TRUE(event) << *message.value;
    if (!event) continue;
    if (const auto* dead = std::get_if<contracts::DeliveryDead>(&*event))
      all.push_back("dead:" + dead->code + (dead->maybe_sent ? "!" : ""));
    else
      all.emplace_back("delivered");
  }
  return all;
}

std::string MailTest::metric(Life& life, const std::string& name) {
  const auto all = life.metrics.expose();
  const auto at = all.find("\ncountersign_" + name + " ");
  if (at == std::string::npos) return "none";
  const auto begin = all.find(' ', at + 1) + 1;
  return all.substr(begin, all.find('\n', begin) - begin);
}

CutServer::CutServer(Behave after_dot)
    : after_dot_(std::move(after_dot)), server_([this](http::testing::Wire& wire, int) { speak(wire); }) {}

std::string CutServer::heard() const {
  std::lock_guard lock(mutex_);
  return heard_;
}

void CutServer::speak(http::testing::Wire& wire) {
  wire.say("220 here\r\n");
  std::string said;
  while (said.find("\r\nDATA\r\n") == std::string::npos) {
    const auto chunk = wire.hear();
    if (chunk.empty()) return;
    said += chunk;
    wire.say(chunk == "DATA\r\n" ? "354 go on\r\n" : "250 fine\r\n");
  }
  while (said.find("\r\n.\r\n") == std::string::npos) {
    const auto chunk = wire.hear();
    if (chunk.empty()) return;
    said += chunk;
  }
  {
    std::lock_guard lock(mutex_);
    heard_ = said;
  }
  ++dots_;
  after_dot_(wire);
}

}  // namespace countersign::outbox::testing
