#pragma once

// Requirement: what people must do before an action may run. Duties: what one rule asks of them.
//
// The duties of all rules that match add up, so that no rule makes another one easier. A person may answer for several roles at once; how
// many different people there must be is the quorum's to say. Only people who hold one of the roles count.
//
// Promise    combine() is the same whatever the order of its duties. What satisfies a requirement satisfies every requirement it covers,
//            if nobody was excluded since.
// Threads    Pure functions; any thread.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::domain {

// So many different people who hold this role.
struct RoleDuty {
  std::string role;
  std::int64_t people = 1;

  friend bool operator==(const RoleDuty&, const RoleDuty&) = default;
};

struct Duties {
  std::vector<RoleDuty> roles{};
  std::int64_t quorum = 1;                        // different people in all
  std::optional<std::int64_t> expires_after_s{};  // absent: waits for ever

  friend bool operator==(const Duties&, const Duties&) = default;
};

inline constexpr std::string_view default_role = "approver";
inline constexpr std::int64_t most_people = 20;

// One person of the role `approver`, within 24 hours: what a rule asks that does not say.
Duties default_duties();

// Lists are sorted and name nothing twice, as combine() makes them, so that equal requirements have equal digests.
struct Requirement {
  std::vector<std::string> rules;  // ids of the rules and floor demands that ask
  std::vector<RoleDuty> roles;
  std::int64_t quorum = 1;
  std::vector<std::string> stages;      // none yet: everybody is asked at once
  std::vector<std::string> exclusions;  // names and requester ids of people who may not answer
  std::optional<std::int64_t> expires_after_s;
  bool floor = false;  // the tenant's floor is among those who ask

  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// What one rule or floor demand asks.
struct Demand {
  std::string rule{};
  Duties duties{};
  bool floor = false;
};

// Of each role the greatest number, the greatest quorum, the shortest time. Nothing asked: no role, which nobody can satisfy.
Requirement combine(const std::vector<Demand>& demands);
Requirement combine(Requirement a, const Requirement& b);
// With these people excluded as well.
Requirement exclude(Requirement requirement, const std::vector<std::string>& people);

// Whether an approval of `approved` is enough for what is required now: no role, number, quorum, stage or exclusion has been added. Time
// and the names of rules do not matter.
bool covers(const Requirement& approved, const Requirement& now_required);

// One who approved, with the roles that the directory gives them.
struct Approver {
  std::string name{};
  std::set<std::string, std::less<>> roles{};
  std::set<std::string, std::less<>> aliases{};  // ids under which they appear as requesters
};

// By name or alias.
bool excluded(const Requirement& requirement, const Approver& person);

// Who is missing still. A name that stands twice counts once, as it stands first.
struct Shortfall {
  std::vector<RoleDuty> roles{};  // how many more of each
  std::int64_t people = 0;        // how many more different people for the quorum
  bool unsatisfiable = false;     // no role is named, so that nobody counts; or there are stages, which nobody can go through yet

  bool none() const noexcept { return roles.empty() && people == 0 && !unsatisfiable; }
};
Shortfall shortfall_of(const Requirement& requirement, const std::vector<Approver>& people);
bool satisfied(const Requirement& requirement, const std::vector<Approver>& people);

}  // namespace countersign::domain
