#include "outbox/mail_intake.hpp"

#include <algorithm>
#include <array>

#include "contracts/codec.hpp"
#include "http/mail.hpp"
#include "outbox/mail.hpp"
#include "outbox/mail_results.hpp"
#include "outbox/sql.hpp"
#include "pipeline/dead_letters.hpp"

namespace countersign::outbox {

namespace {

namespace types = contracts::types;
using contracts::MessageRequested;
using contracts::MessageWithdrawn;

http::Letter letter_of(const MessageRequested& message) {
  http::Letter letter;
  letter.to = message.to;
  letter.subject = message.subject;
  letter.text = message.text;
  letter.html = message.html.value_or("");
  return letter;
}

constexpr std::array untouchable{pipeline::deadly, pipeline::rejected_by_database};

template <typename Message>
MailName name_mail(const Message& message, const base::Uuid& delivery) {
  return {message.tenant, message.ticket_id, message.message_id, delivery, message.run, message.step};
}

// Whom a refused message is about, as far as it still says so: a request names its step and its letter as a withdrawal does.
std::optional<MessageWithdrawn> read_name(const pipeline::Arrival& refused) {
  if (std::find(untouchable.begin(), untouchable.end(), refused.refusal->code) != untouchable.end()) return {};
  const auto opened = contracts::open_envelope(refused.message->headers, refused.message->value);
  if (!opened || (opened->envelope.type != types::message_requested && opened->envelope.type != types::message_withdrawn)) return {};
  auto event = contracts::decode(types::message_withdrawn, opened->data());
  if (!event) return {};
  return std::get<MessageWithdrawn>(std::move(*event));
}

std::optional<base::Refusal> contradiction(const std::string& key, const std::string& tenant, const std::string& ticket) {
  const auto parts = contracts::split_key(key);
  if (!parts) return base::Refusal{"key_malformed", "the key is not tenant/ticket"};
  if (auto same = contracts::check_body(*parts, tenant, ticket); !same) return same.error();
  return std::nullopt;
}

}  // namespace

// One batch: what is known is read once, the messages are folded in their order, every row is written once.
class MailIntake::Fold {
 public:
  Fold(pipeline::Batch& batch, Tally& tally) : batch_(batch), tally_(tally) {}

  void run() {
    read_known();
    for (const auto& [key, arrivals] : batch_.arrivals())
      for (const auto& arrival : arrivals) arrival.refusal ? answer(arrival, key) : take(arrival, key);
    write();
  }

 private:
  struct Mail {
    MailName name;
    std::string target;
    std::string payload;
    std::int64_t sequence = 0;
    std::string state = "ready";
    bool known = false;      // there is a row
    bool withdrawn = false;  // by this batch
    bool maybe_sent = false;
    std::string code{};
    std::optional<base::Uuid> result{};
  };
  using Id = std::pair<std::string, base::Uuid>;  // tenant, message

  static std::optional<Id> find_id(const pipeline::Arrival& arrival) {
    if (!arrival.refusal) return id_of(arrival);
    const auto named = read_name(arrival);
    return named ? std::optional(Id{named->tenant, named->message_id}) : std::nullopt;
  }

  static Id id_of(const pipeline::Arrival& arrival) {
    const auto& event = std::any_cast<const contracts::Event&>(arrival.body);
    if (const auto* requested = std::get_if<MessageRequested>(&event)) return {requested->tenant, requested->message_id};
    const auto& withdrawn = std::get<MessageWithdrawn>(event);
    return {withdrawn.tenant, withdrawn.message_id};
  }

  void read_known() {
    std::vector<std::string> tenants, messages;
    for (const auto& [key, arrivals] : batch_.arrivals())
      for (const auto& arrival : arrivals) {
        const auto id = find_id(arrival);
        if (!id) continue;
        tenants.push_back(id->first);
        messages.push_back(id->second.str());
      }
    if (tenants.empty()) return;
    for (const auto row : batch_.transaction().execute(sql::find_mails, postgres::Parameters{}.add(tenants).add(messages))) {
      Mail mail;
      mail.name = {row.get<std::string>(1), row.get<std::string>(2),  base::Uuid::parse(row.get<std::string>(3)).value_or(base::Uuid{}),
                   row.get<base::Uuid>(0),  row.get<std::int64_t>(4), row.get<std::int64_t>(5)};
      mail.state = row.get<std::string>(6);
      mail.maybe_sent = row.get<bool>(7);
      mail.known = true;
      mails_.emplace(Id{mail.name.tenant, mail.name.message}, std::move(mail));
    }
  }

  void take(const pipeline::Arrival& arrival, const std::string& key) {
    const auto& event = std::any_cast<const contracts::Event&>(arrival.body);
    const auto refusal = contradiction(key, std::string(contracts::tenant_of(event)), std::string(contracts::ticket_of(event)));
    if (refusal) return batch_.set_aside(arrival, *refusal);
    const auto found = mails_.find(id_of(arrival));
    Mail* const mail = found == mails_.end() ? nullptr : &found->second;
    if (mail != nullptr && mail->name.key() != key)
      return batch_.set_aside(arrival, {"message_of_another_ticket", "this message id belongs to another ticket"});
    if (const auto* requested = std::get_if<MessageRequested>(&event)) return request(mail, *requested, arrival);
    withdraw(mail, std::get<MessageWithdrawn>(event), arrival);
  }

  // What is set aside is never sent: its step need not wait until its time is over. What was accepted before gets its own end.
  void answer(const pipeline::Arrival& refused, const std::string& key) {
    const auto named = read_name(refused);
    if (!named || contradiction(key, named->tenant, named->ticket_id) || mails_.contains({named->tenant, named->message_id})) return;
    Mail& mail = add(name_mail(*named, batch_.ids().next()), mailbox_target(""), refused);
    end(mail, refused.refusal->code, "set aside as a dead letter");
  }

  void request(const Mail* known, const MessageRequested& message, const pipeline::Arrival& arrival) {
    if (known != nullptr) {
      ++tally_.repeated;
      return;
    }
    ++tally_.accepted;
    Mail& mail = add(name_mail(message, batch_.ids().next()), mailbox_target(message.mailbox), arrival);
    mail.payload = contracts::encode(message);
    if (const auto good = http::check_letter(letter_of(message)); !good) end(mail, good.error().code, good.error().detail);
  }

  void withdraw(Mail* known, const MessageWithdrawn& message, const pipeline::Arrival& arrival) {
    ++tally_.withdrawn;
    if (known == nullptr) {
      Mail& stranger = add(name_mail(message, batch_.ids().next()), mailbox_target(""), arrival);
      return end(stranger, "message_unknown", "withdrawn, and never accepted");
    }
    if (known->state == "leased") known->withdrawn = true;
    if (known->state != "ready") return;
    known->withdrawn = true;
    end(*known, "withdrawn", "");
  }

  Mail& add(MailName name, std::string target, const pipeline::Arrival& arrival) {
    Mail mail;
    mail.name = std::move(name);
    mail.target = std::move(target);
    mail.sequence = arrival.envelope.sequence.value_or(0);
    const Id id{mail.name.tenant, mail.name.message};
    return mails_.emplace(id, std::move(mail)).first->second;
  }

  void end(Mail& mail, const std::string& code, const std::string& why) {
    ++tally_.dead;
    mail.state = "dead";
    mail.code = code;
    mail.result = owe_dead(batch_, mail.name, code, mail.maybe_sent, why);
  }

  void write() {
    std::vector<base::Uuid> ids, withdrawn;
    std::vector<std::string> tenants, tickets, targets, messages, states;
    std::vector<std::int64_t> sequences;
    std::vector<std::int32_t> runs, steps;
    std::vector<postgres::Bytes> payloads;
    std::vector<std::optional<std::string>> codes;
    std::vector<std::optional<base::Uuid>> results, withdrawn_results;
    for (const auto& [id, mail] : mails_) {
      if (mail.known && mail.withdrawn) {
        withdrawn.push_back(mail.name.delivery);
        withdrawn_results.push_back(mail.result);
      }
      if (mail.known) continue;
      ids.push_back(mail.name.delivery);
      tenants.push_back(mail.name.tenant);
      tickets.push_back(mail.name.ticket);
      targets.push_back(mail.target);
      messages.push_back(mail.name.message.str());
      sequences.push_back(mail.sequence);
      runs.push_back(static_cast<std::int32_t>(mail.name.run));
      steps.push_back(static_cast<std::int32_t>(mail.name.step));
      payloads.push_back({mail.payload});
      states.push_back(mail.state);
      codes.push_back(mail.code.empty() ? std::nullopt : std::optional(mail.code));
      results.push_back(mail.result);
    }
    if (!ids.empty())
      batch_.transaction().queue(sql::insert_mails, postgres::Parameters{}
                                                        .add(ids)
                                                        .add(tenants)
                                                        .add(tickets)
                                                        .add(targets)
                                                        .add(messages)
                                                        .add(sequences)
                                                        .add(runs)
                                                        .add(steps)
                                                        .add(payloads)
                                                        .add(states)
                                                        .add(codes)
                                                        .add(results));
    if (!withdrawn.empty()) batch_.transaction().queue(sql::withdraw_mails, postgres::Parameters{}.add(withdrawn).add(withdrawn_results));
  }

  pipeline::Batch& batch_;
  Tally& tally_;
  std::map<Id, Mail> mails_;
};

MailIntake::MailIntake(base::Bell& due, telemetry::Telemetry telemetry)
    : due_(due),
      accepted_(telemetry.metrics.counter("mails_accepted_total", "Messages to customers taken over from the log.")),
      repeated_(telemetry.metrics.counter("mails_repeated_total", "Messages to customers that were there already.")),
      withdrawn_(telemetry.metrics.counter("mail_withdrawals_total", "Messages to customers that the executor took back.")),
      dead_(telemetry.metrics.counter("mails_dead_total", "Messages to customers that ended without being accepted by a mail server.")) {}

bool MailIntake::wants(std::string_view type) const { return type == types::message_requested || type == types::message_withdrawn; }

base::Result<std::any> MailIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  return contracts::decode(envelope.type, data).map([](contracts::Event&& event) { return std::any(std::move(event)); });
}

void MailIntake::apply(pipeline::Batch& batch) {
  tally_ = {};
  Fold(batch, tally_).run();
}

void MailIntake::committed() {
  accepted_.add(tally_.accepted);
  repeated_.add(tally_.repeated);
  withdrawn_.add(tally_.withdrawn);
  dead_.add(tally_.dead);
  if (tally_.accepted > 0) due_.ring();
  tally_ = {};
}

}  // namespace countersign::outbox
