#include "executor/mail_result_intake.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
#include "domain/codes.hpp"
#include "executor/letter.hpp"

namespace countersign::executor {

// One answer of the outbox, whichever it was.
struct MailResultIntake::Result {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  base::Uuid message_id;
  EndedCall call;

  bool delivered() const { return call.end.kind == domain::CallEnd::Kind::answered && call.end.status == domain::StatusClass::success; }
  bool certainly_not() const { return !delivered() && call.end.kind != domain::CallEnd::Kind::lost; }
};

namespace {

constexpr std::string_view withdrawn = "withdrawn";

EndedCall ended(const contracts::DeliveryDelivered& delivered) {
  EndedCall call;
  call.end = {.kind = domain::CallEnd::Kind::answered, .status = domain::StatusClass::success};
  call.sent = 1;
  call.result = contracts::Json(
      nlohmann::json{{"message_id", delivered.message_id.str()}, {"accepted_at", delivered.accepted_at}, {"answer", delivered.answer}});
  return call;
}

EndedCall ended(const contracts::DeliveryDead& dead) {
  EndedCall call;
  call.sent = 1;
  call.trouble = dead.code;
  if (dead.maybe_sent) {
    call.end = {.kind = domain::CallEnd::Kind::lost};
  } else if (dead.code == withdrawn) {
    call.end = {.kind = domain::CallEnd::Kind::not_sent};
    call.sent = 0;
    call.unsent = 1;
  } else {
    call.end = {.kind = domain::CallEnd::Kind::answered, .status = domain::StatusClass::refused};
  }
  return call;
}

}  // namespace

MailResultIntake::MailResultIntake(const CaseStore& store, const EffectSettler& settler, const catalog::Catalog& catalog,
                                   base::Bell& claimable, telemetry::Telemetry telemetry)
    : store_(store),
      settler_(settler),
      catalog_(catalog),
      claimable_(claimable),
      dropped_(telemetry.metrics.counter("mail_results_dropped_total",
                                         "Answers about letters that no step waits for: repeated, or of a claim that is settled.")) {}

bool MailResultIntake::wants(std::string_view type) const {
  return type == contracts::types::delivery_delivered || type == contracts::types::delivery_dead;
}

base::Result<std::any> MailResultIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  const auto event = contracts::decode(envelope.type, data);
  if (!event) return tl::unexpected(event.error());
  const auto read = [](const auto& said) {
    auto result = std::make_shared<Result>();
    result->tenant = said.tenant;
    result->ticket = said.ticket_id;
    result->run = static_cast<std::int32_t>(said.run);
    result->step = static_cast<std::int32_t>(said.step);
    result->message_id = said.message_id;
    result->call = ended(said);
    return std::shared_ptr<const Result>(std::move(result));
  };
  if (const auto* delivered = std::get_if<contracts::DeliveryDelivered>(&*event)) return std::any(read(*delivered));
  return std::any(read(std::get<contracts::DeliveryDead>(*event)));
}

void MailResultIntake::apply(pipeline::Batch& batch) {
  if (!catalog_.current()) throw base::Unavailable("no configuration has been read yet");
  std::vector<std::string> keys;
  std::vector<StepKey> also;
  std::vector<std::pair<std::string, std::shared_ptr<const Result>>> results;
  std::vector<std::string> unreadable;
  for (const auto& [key, arrivals] : batch.arrivals()) {
    if (arrivals.empty()) continue;
    keys.push_back(key);
    for (const auto& arrival : arrivals) {
      const auto* body = std::any_cast<std::shared_ptr<const Result>>(&arrival.body);
      if (body == nullptr || arrival.refusal) {
        unreadable.push_back(key);
        continue;
      }
      if (key != (*body)->tenant + "/" + (*body)->ticket) {
        batch.set_aside(arrival, {"key_contradicts_body", "the result is about another ticket than its key"});
        continue;
      }
      also.push_back({key, (*body)->run, (*body)->step});
      results.emplace_back(key, *body);
    }
  }
  auto cases = store_.load(batch, keys, Expected::anything, also);
  for (const auto& [key, result] : results) take(cases.at(key), *result, batch);
  for (const auto& key : unreadable) lose_letters(cases.at(key), batch);
  store_.save(batch, cases);
}

void MailResultIntake::take(TicketCase& one, const Result& result, pipeline::Batch& batch) const {
  Step* step = one.find_step(result.run, result.step);
  if (step == nullptr || step->token != result.message_id) return dropped_.add();
  if (step->state == domain::StepState::claimed)
    return settler_.settle(one, *step, catalog_.current()->find_tool(one.ticket.tenant, step->tool), result.call, batch);
  if (!take_late(one, *step, result, batch)) dropped_.add();
}

// Whatever it said: a letter of this ticket that waits for its answer may have waited for this one.
void MailResultIntake::lose_letters(TicketCase& one, pipeline::Batch& batch) const {
  EndedCall call;
  call.end = {.kind = domain::CallEnd::Kind::lost};
  call.sent = 1;
  call.trouble = "result_unreadable";
  for (std::size_t i = 0; i < one.steps.size(); ++i)
    if (Step& step = one.steps[i]; with_outbox(step))
      settler_.settle(one, step, catalog_.current()->find_tool(one.ticket.tenant, step.tool), call, batch);
}

// The lease ended first, and the effect is unknown, or settled by a person.
bool MailResultIntake::take_late(TicketCase& one, Step& step, const Result& result, pipeline::Batch& batch) const {
  Effect* effect = one.find_effect(step.run, step.number);
  if (effect == nullptr) return false;
  if (result.delivered()) {
    settler_.settle_late(one, step, *effect, result.call.result, batch);
    return true;
  }
  if (!result.certainly_not() || effect->state != domain::EffectState::unknown) return false;
  domain::LookVerdict verdict;
  verdict.next = domain::LookVerdict::Next::settle;
  verdict.step = domain::StepState::failed;
  verdict.code = domain::codes::not_done;
  settler_.settle_look(one, step, *effect, catalog_.current()->find_tool(one.ticket.tenant, step.tool), verdict, {}, batch);
  return true;
}

}  // namespace countersign::executor
