#pragma once

// What the planner's tests start from.

#include <nlohmann/json.hpp>

#include "catalog/playbook.hpp"
#include "planner/conversation.hpp"

namespace countersign::planner::testing {

inline contracts::ProposedStep step(const std::string& name, const std::string& tool) { return {name, tool, contracts::Json::object()}; }

// Two steps and a close; a refund that is denied for its amount gets a turn of its own.
inline catalog::Playbook refund_playbook() {
  catalog::Playbook playbook;
  playbook.tenant = "acme";
  playbook.name = "refund";
  playbook.version = 3;
  playbook.agent = {"support", 2};
  playbook.category = "billing";
  playbook.match = {{"/fields/topic", {contracts::Json("refund")}}};
  playbook.turns = {
      {"start", {}, {step("look", "lookup_order"), step("pay", "issue_refund")}, contracts::ProposedClose{"resolved", {}, {}}},
      {"step.denied", {"over_limit"}, {step("offer", "draft_reply")}, contracts::ProposedClose{"draft_ready", {}, {}}}};
  return playbook;
}

inline Conversation open_refund() {
  Conversation one;
  one.tenant = "acme";
  one.ticket_id = "T-1";
  one.version = 1;
  one.status = TicketStatus::open;
  one.realm = "main";
  one.requester = contracts::Json(nlohmann::json{{"id", "c-1"}});
  one.text = "I want my money back";
  one.fields = contracts::Json(nlohmann::json{{"topic", "refund"}});
  return one;
}

inline contracts::StepSucceeded succeeded(std::int64_t version, std::int64_t run, std::int64_t number, const std::string& name) {
  contracts::StepSucceeded heard;
  heard.tenant = "acme";
  heard.ticket_id = "T-1";
  heard.run = run;
  heard.step = number;
  heard.name = name;
  heard.tool = "tool";
  heard.ticket_version = version;
  return heard;
}

inline contracts::StepEnded ended(const std::string& end, std::int64_t version, std::int64_t run, std::int64_t number,
                                  std::vector<std::string> codes = {}) {
  contracts::StepEnded heard;
  heard.end = end;
  heard.tenant = "acme";
  heard.ticket_id = "T-1";
  heard.run = run;
  heard.step = number;
  heard.ticket_version = version;
  heard.codes = std::move(codes);
  return heard;
}

inline contracts::RunStopped stopped(std::int64_t version, std::int64_t run, const std::string& reason) {
  contracts::RunStopped heard;
  heard.tenant = "acme";
  heard.ticket_id = "T-1";
  heard.run = run;
  heard.ticket_version = version;
  heard.stop_reason = reason;
  return heard;
}

}  // namespace countersign::planner::testing
