#pragma once

// approvals: the actions that wait for people, or one of them with everything that a reviewer is to see. Changes nothing.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct ApprovalsWish {
  std::string id{};      // or how it begins; empty: many
  std::string tenant{};  // empty: all
  bool all = false;      // those that are over as well
  std::int64_t limit = 100;
};

int show_approvals(const Reach& reach, const ApprovalsWish& wish, const Console& console);

class NotFound : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Misused for what is no id and cannot begin one.
void check_approval_id(const std::string& id);
// The one approval whose id is `id` or begins with it. Throws what check_approval_id() throws, Misused when several begin with it, NotFound
// when there is none.
nlohmann::json get_approval(postgres::Session& session, const std::string& id, const std::string& tenant);

// What of the approval is not what its digests say, as a sentence; empty when it all hangs together. Nobody should sign a digest of
// something else than they were shown.
std::string find_forgery(const nlohmann::json& approval);

// The whole account of it, line by line; the last ones are the commands that decide it, while it can be decided.
std::vector<std::string> approval_lines(const nlohmann::json& approval);
// "denied by ada at 2024-05-01T10:00:00Z: too much"
std::string state_of(const nlohmann::json& approval);
// "2 approver, 1 finance; 3 people in all"
std::string people_needed(const nlohmann::json& requirement);
// "in 3 h 20 min", "2 min ago", "never"
std::string when_it_expires(const nlohmann::json& approval);

}  // namespace countersign::cli
