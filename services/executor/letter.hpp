#pragma once

// Letter: a message to a customer as it will be sent, word for word, once its step is claimed.
//
// It is written here, before policy and people say yes, and not by who delivers it: what is approved is what arrives.
//
// Promise    A template that says that something was done is used only when the ledger says so: each of its `claims` must be an effect of
// the
//            same run that has succeeded.
// Threads    Pure; any thread.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "catalog/catalog.hpp"
#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

namespace codes {
inline constexpr std::string_view template_unknown = "template_unknown";
inline constexpr std::string_view claim_unconfirmed = "claim_unconfirmed";
inline constexpr std::string_view letter_incomplete = "letter_incomplete";
}  // namespace codes

struct Letter {
  std::string channel;
  std::string mailbox;
  std::string to;
  std::string subject;
  std::string text;
  std::optional<std::string> html;
  std::string template_label;  // name@version
};

// The manifest must have a message connector. Refuses with template_unknown, claim_unconfirmed, letter_incomplete (an argument that the
// connector points at is missing or no text), and as catalog::render does.
base::Result<Letter> write_letter(const catalog::Snapshot& snapshot, const catalog::ToolManifest& manifest,
                                  const contracts::Json& arguments, const TicketCase& one, std::int32_t run);

// Hands the letter of this step to the outbox; the step's token is the message's id.
base::Uuid request_letter(const TicketCase& one, const Step& step, const Letter& letter, pipeline::Batch& batch);
// Takes it back as far as it has not been sent. What became of it is answered in any case.
void take_back_letter(TicketCase& one, const Step& step, std::string_view code, pipeline::Batch& batch);

// Whether the step waits for the outbox: claimed, and by no lane of ours.
inline bool with_outbox(const Step& step) { return step.state == domain::StepState::claimed && step.token && !step.claimed_by; }

}  // namespace countersign::executor
