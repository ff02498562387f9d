#include "outbox/mail_results.hpp"

#include <nlohmann/json.hpp>

#include "contracts/codec.hpp"

namespace countersign::outbox {

namespace {

template <typename Result>
Result result_of(const MailName& mail) {
  Result result;
  result.tenant = mail.tenant;
  result.ticket_id = mail.ticket;
  result.message_id = mail.message;
  result.delivery_id = mail.delivery;
  result.run = mail.run;
  result.step = mail.step;
  return result;
}

template <typename Result>
base::Uuid owe(pipeline::Batch& batch, const MailName& mail, const Result& result) {
  pipeline::Emission emission;
  emission.topic = "delivery-results";
  emission.key = mail.key();
  emission.type = contracts::type_of(contracts::Event{result});
  emission.tenant = mail.tenant;
  emission.subject = mail.ticket;
  emission.data = contracts::encode(result);
  emission.correlation_id = mail.key() + "/" + std::to_string(mail.run);
  return batch.emit(std::move(emission));
}

}  // namespace

base::Uuid owe_delivered(pipeline::Batch& batch, const MailName& mail, const std::string& answer) {
  auto delivered = result_of<contracts::DeliveryDelivered>(mail);
  delivered.accepted_at = base::to_rfc3339(batch.now());
  delivered.answer = answer;
  return owe(batch, mail, delivered);
}

base::Uuid owe_dead(pipeline::Batch& batch, const MailName& mail, const std::string& code, bool maybe_sent, const std::string& answer) {
  auto dead = result_of<contracts::DeliveryDead>(mail);
  dead.code = code;
  dead.maybe_sent = maybe_sent;
  if (!answer.empty()) dead.answer = answer;
  const nlohmann::json detail{
      {"delivery", mail.delivery.str()}, {"message", mail.message.str()}, {"code", code}, {"maybe_sent", maybe_sent}};
  batch.audit({.tenant = mail.tenant,
               .ticket = mail.ticket,
               .run = static_cast<std::int32_t>(mail.run),
               .step = static_cast<std::int32_t>(mail.step),
               .event = "mail_dead",
               .detail = detail.dump()});
  return owe(batch, mail, dead);
}

}  // namespace countersign::outbox
