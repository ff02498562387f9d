#include "executor/letter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "contracts/value.hpp"
#include "executor/run_messages.hpp"

namespace countersign::executor {

namespace {

using base::Result;

const domain::Value* argument_at(const domain::Value& arguments, const domain::Pointer& pointer) { return find_at(arguments, pointer); }

Result<std::string> text_at(const domain::Value& arguments, const domain::Pointer& pointer) {
  const auto* value = argument_at(arguments, pointer);
  if (value == nullptr || value->text() == nullptr)
    return base::refuse(std::string(codes::letter_incomplete), "the letter needs a text at " + pointer.text());
  return *value->text();
}

bool confirmed(const TicketCase& one, std::int32_t run, const std::string& tool) {
  return std::any_of(one.effects.begin(), one.effects.end(), [&](const Effect& effect) {
    return effect.run == run && effect.tool == tool && effect.state == domain::EffectState::succeeded;
  });
}

template <typename Message>
Message of_letter(const TicketCase& one, const Step& step) {
  COUNTERSIGN_INVARIANT(step.token.has_value(), "a claimed step has a token");
  Message message;
  message.tenant = one.ticket.tenant;
  message.ticket_id = one.ticket.id;
  message.message_id = *step.token;
  message.run = step.run;
  message.step = step.number;
  return message;
}

}  // namespace

Result<Letter> write_letter(const catalog::Snapshot& snapshot, const catalog::ToolManifest& manifest, const contracts::Json& arguments,
                            const TicketCase& one, std::int32_t run) {
  const auto& connector = *manifest.message;
  const auto values = contracts::to_value(arguments);
  auto to = text_at(values, connector.to);
  if (!to) return tl::unexpected(to.error());
  const auto name = text_at(values, connector.template_name);
  if (!name) return tl::unexpected(name.error());
  const auto* wording = snapshot.find_template(one.ticket.tenant, *name);
  if (wording == nullptr) return base::refuse(std::string(codes::template_unknown), "there is no template " + *name);
  for (const auto& tool : wording->claims)
    if (!confirmed(one, run, tool))
      return base::refuse(std::string(codes::claim_unconfirmed),
                          wording->label() + " says what the ledger does not: that " + tool + " succeeded");
  const auto* variables = argument_at(values, connector.variables);
  auto rendered = render(*wording, variables == nullptr ? contracts::Json::object() : contracts::to_shared_json(*variables));
  if (!rendered) return tl::unexpected(rendered.error());
  return Letter{connector.channel,         connector.mailbox,         std::move(*to),  std::move(rendered->subject),
                std::move(rendered->text), std::move(rendered->html), wording->label()};
}

base::Uuid request_letter(const TicketCase& one, const Step& step, const Letter& letter, pipeline::Batch& batch) {
  auto message = of_letter<contracts::MessageRequested>(one, step);
  message.channel = letter.channel;
  message.mailbox = letter.mailbox;
  message.to = letter.to;
  message.subject = letter.subject;
  message.text = letter.text;
  message.html = letter.html;
  message.template_label = letter.template_label;
  return tell(one, step.run, "messages", message, batch);
}

void take_back_letter(TicketCase& one, const Step& step, std::string_view code, pipeline::Batch& batch) {
  const auto id = tell(one, step.run, "messages", of_letter<contracts::MessageWithdrawn>(one, step), batch);
  const std::string state(domain::name_of(step.state));
  one.transitions.push_back({step.run, step.number, "step", state, state, {std::string(code)}, id});
}

}  // namespace countersign::executor
