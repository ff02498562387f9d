#pragma once

// The parts that several messages share, read and written in one way.

#include <vector>

#include "contracts/member_reader.hpp"
#include "contracts/member_writer.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

inline constexpr std::size_t free_json_depth = 8;
inline constexpr std::size_t result_depth = 16;
inline constexpr std::size_t most_steps = 20;
inline constexpr std::size_t most_effects = 500;
inline constexpr std::size_t most_text = 16'384;
inline constexpr std::size_t most_deciding_people = 20;

Resolution read_resolution(MemberReader object);
ProposedStep read_step(MemberReader object);
ProposedClose read_close(MemberReader object);
EffectSummary read_effect(MemberReader object);
std::vector<EffectSummary> read_effects(MemberReader& parent);
AgentVersion read_agent(MemberReader object);
std::string read_actor_id(MemberReader object);
std::vector<DecidingPerson> read_people(MemberReader& parent);

MemberWriter write_part(const Resolution& resolution);
MemberWriter write_part(const ProposedStep& step);
MemberWriter write_part(const ProposedClose& close);
MemberWriter write_part(const base::Money& money);
MemberWriter write_part(const EffectSummary& effect);
MemberWriter write_part(const AgentVersion& agent);
MemberWriter write_part(const DecidingPerson& person);
MemberWriter write_actor_id(const std::string& id);

// Writes items with their write_part().
inline constexpr auto write_each = [](const auto& item) { return write_part(item); };

// The members that every message of a ticket repeats, those of a step, and those of an approval.
template <typename M>
M read_about_ticket(MemberReader& data) {
  M message;
  message.tenant = data.id("tenant");
  message.ticket_id = data.id("ticket_id");
  return message;
}

template <typename M>
M read_about_step(MemberReader& data) {
  auto message = read_about_ticket<M>(data);
  message.run = data.count("run", 1);
  message.step = data.count("step", 1);
  return message;
}

template <typename M>
M read_about_approval(MemberReader& data) {
  auto message = read_about_step<M>(data);
  message.approval_id = data.uuid("approval_id");
  message.action_digest = data.digest("action_digest");
  return message;
}

template <typename M>
MemberWriter write_about_ticket(const M& message) {
  MemberWriter object;
  object.put("tenant", message.tenant).put("ticket_id", message.ticket_id);
  return object;
}

template <typename M>
MemberWriter write_about_step(const M& message) {
  auto object = write_about_ticket(message);
  object.put("run", message.run).put("step", message.step);
  return object;
}

template <typename M>
MemberWriter write_about_approval(const M& message) {
  auto object = write_about_step(message);
  object.put("approval_id", message.approval_id).put("action_digest", message.action_digest);
  return object;
}

}  // namespace countersign::contracts
