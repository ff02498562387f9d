#include "planner/dialogue.hpp"

namespace countersign::planner {

namespace {

using Move = Reply::Move;

// True for the first report of a step: they are numbered in the order in which they run.
bool note_step(Conversation& conversation, std::int64_t run, std::int64_t step) {
  if (run < conversation.run || (run == conversation.run && step <= conversation.step)) return false;
  conversation.run = run;
  conversation.step = step;
  return true;
}

// Another version: an earlier one's aftermath may have crossed our plan; a later one's will be followed by the ticket event that we lack.
bool of_other_version(const Conversation& conversation, std::int64_t version) { return version != conversation.version; }

Reply repeat_if_earlier(const Conversation& conversation, std::int64_t version) {
  return version < conversation.version ? Reply{.move = Move::repeat} : Reply{};
}

bool is_next_step(const Conversation& conversation, const std::string& name) {
  const auto& steps = conversation.plan->steps;
  const auto done = static_cast<std::size_t>(conversation.done);
  return done < steps.size() && steps[done].name == name;
}

}  // namespace

Reply hear(Conversation& conversation, const contracts::StepSucceeded& heard) {
  if (of_other_version(conversation, heard.ticket_version)) return repeat_if_earlier(conversation, heard.ticket_version);
  const bool first_report = note_step(conversation, heard.run, heard.step);
  if (!conversation.plan || !first_report) return {.move = Move::repeat};
  if (!is_next_step(conversation, heard.name)) return {.move = Move::repeat};
  ++conversation.done;
  const bool finished = static_cast<std::size_t>(conversation.done) == conversation.plan->steps.size();
  if (!finished || conversation.plan->close) return {};
  return {.move = Move::escalate, .reason = "no_next_turn"};
}

Reply hear(Conversation& conversation, const contracts::StepEnded& heard) {
  if (of_other_version(conversation, heard.ticket_version)) return repeat_if_earlier(conversation, heard.ticket_version);
  note_step(conversation, heard.run, heard.step);
  return {.move = Move::turn, .on = "step." + heard.end, .codes = heard.codes};
}

Reply hear(Conversation& conversation, const contracts::RunStopped& heard) {
  if (heard.ticket_version == conversation.version && heard.stop_reason != "superseded") conversation.ended_version = conversation.version;
  return repeat_if_earlier(conversation, heard.ticket_version);
}

Reply hear_unreadable(const Conversation&) { return {.move = Move::escalate, .reason = "step_unreadable"}; }

Reply hear_unknown(const Conversation&) { return {.move = Move::repeat}; }

}  // namespace countersign::planner
