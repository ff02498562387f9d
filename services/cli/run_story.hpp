#pragma once

// RunStory: one run from the ticket's event to the webhook, gathered from the services' tables, and told line by line.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "postgres/session.hpp"

namespace countersign::cli {

struct RunId {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;  // 0: the last one
};

// {ticket, run, steps, effects, history, handoffs, deliveries}; ticket and run are null when there is none.
nlohmann::json find_run_story(postgres::Session& session, const RunId& id);
std::vector<std::string> story_lines(const nlohmann::json& story);
std::string history_line(const nlohmann::json& entry);

}  // namespace countersign::cli
