#include "approval/authority.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace countersign::approval {

namespace {

using domain::Approver;
using domain::Requirement;

constexpr std::size_t most_countersigned = 20;  // of one countersignature

// Ids of people are written by many hands; who differs from the requester in capitals only is the requester.
std::string folded(std::string text) {
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

std::set<std::string> names_for(const catalog::Person& person) {
  std::set<std::string> names{folded(person.name)};
  if (person.email) names.insert(folded(*person.email));
  for (const auto& alias : person.aliases) names.insert(folded(alias));
  for (const auto& identity : person.identities) {
    names.insert(folded(identity.subject));
    names.insert(folded(identity.issuer + "/" + identity.subject));
  }
  return names;
}

bool excluded(const Approval& approval, const catalog::Person& person) {
  const auto names = names_for(person);
  const auto names_them = [&](const std::string& id) { return names.contains(folded(id)); };
  if (names_them(approval.requester) || (approval.actor && names_them(*approval.actor))) return true;
  const auto& listed = approval.requirement.exclusions;
  return std::any_of(listed.begin(), listed.end(), names_them);
}

std::vector<std::string> roles_in(const Requirement& requirement, const Approver& person) {
  std::vector<std::string> held;
  for (const auto& duty : requirement.roles)
    if (person.roles.contains(duty.role)) held.push_back(duty.role);
  return held;
}

bool may_vouch(const Question& question, const catalog::VouchingLimits& limits) {
  const auto& action = question.approval.action;
  // What nobody knows the class of is of no class that an issuer could be limited to.
  if (!question.risk && !limits.classes.empty()) return false;
  return limits.admits_action(action.tool, question.risk.value_or(domain::RiskClass::irreversible),
                              action.amount ? &*action.amount : nullptr);
}

base::Result<void> check_entitled(const Question& question, const catalog::Person& person, const catalog::Issuer* issuer) {
  if (excluded(question.approval, person)) return base::refuse("excluded", "who asks, or is excluded otherwise, does not decide");
  if (roles_in(question.approval.requirement, person.approver()).empty())
    return base::refuse("role_missing", "the person holds none of the roles that are asked");
  if (issuer == nullptr) return {};
  if (!issuer->may_vouch.admits_person(person.name)) return base::refuse("vouching_person", "the issuer may not speak for this person");
  if (!may_vouch(question, issuer->may_vouch)) return base::refuse("vouching_limit", "the action is beyond what the issuer may vouch for");
  return {};
}

bool voted(const Approval& approval, const std::string& person) {
  return std::any_of(approval.votes.begin(), approval.votes.end(), [&](const auto& vote) { return vote.person == person; });
}

base::Result<void> check_vote(const Question& question, const Voice& voice) {
  const Approval& approval = question.approval;
  const std::string& person = voice.person->name;
  if (voted(approval, person)) return base::refuse("already_decided", "a person counts once");
  const auto same_issuer = [&](const auto& vote) { return voice.issuer != nullptr && vote.issuer == voice.issuer->name; };
  if (std::any_of(approval.votes.begin(), approval.votes.end(), same_issuer))
    return base::refuse("issuer_spent", "the issuer has vouched for somebody else here");
  if (question.contributors.contains(person))
    return base::refuse("contributed", "who asked for changes in this ticket has a part in what is asked now");
  if (question.denier && *question.denier != person && !voted(approval, *question.denier))
    return base::refuse("denied_before", "this operation was denied; who denied it must approve first");
  return {};
}

const catalog::Person* find_entitled(const Question& question, const catalog::Directory& directory, const Decision& vote) {
  const auto* person = directory.find_person(vote.tenant, *vote.person);
  if (person == nullptr) return nullptr;
  const bool own = vote.issuer == contracts::person_issuer;
  const auto* issuer = own ? nullptr : directory.find_issuer(vote.tenant, *vote.issuer);
  if (!own && issuer == nullptr) return nullptr;
  return check_entitled(question, *person, issuer) ? person : nullptr;
}

base::Result<void> check_signed(const Question& question, const catalog::Directory& directory, const Decision& vote) {
  const Approval& approval = question.approval;
  return hear_again(vote.jws, approval.tenant, directory).and_then([&](const Voice& voice) -> base::Result<void> {
    const auto& claims = voice.claims;
    const bool same = voice.person->name == vote.person && claims.issuer == vote.issuer && claims.verb == "approve" &&
                      claims.tenant == approval.tenant && claims.approval_id == approval.id &&
                      claims.action_digest == approval.action_digest && crypto::sha256(vote.jws).hex() == vote.digest;
    if (!same) return base::refuse("vote_contradicts_signature", "the row says something else than was signed");
    return contracts::check_audience(claims.audience, question.audience).and_then([&] {
      return contracts::check_times(claims.issued_at, claims.expires_at, vote.received_at, contracts::longest_decision);
    });
  });
}

std::int64_t missing(const domain::Shortfall& shortfall) {
  std::int64_t seats = shortfall.people;
  for (const auto& duty : shortfall.roles) seats += duty.people;
  return seats;
}

}  // namespace

base::Result<void> check_authority(const Question& question, const Voice& voice) {
  return check_entitled(question, *voice.person, voice.issuer).and_then([&]() -> base::Result<void> {
    if (voice.claims.verb != "approve") return {};
    return check_vote(question, voice);
  });
}

Tally tally(const Question& question, const catalog::Directory& directory) {
  const Requirement& requirement = question.approval.requirement;
  Tally result;
  std::vector<Approver> counted;
  std::set<std::string> vouched;
  for (const auto& vote : question.approval.votes) {
    const auto* person = find_entitled(question, directory, vote);
    if (person == nullptr) continue;
    if (const auto proved = check_signed(question, directory, vote); !proved) {
      result.doubts.push_back({vote.id, proved.error().code});
      continue;
    }
    if (vote.issuer != contracts::person_issuer && !vouched.insert(*vote.issuer).second) continue;
    const auto before = missing(domain::shortfall_of(requirement, counted));
    counted.push_back(person->approver());
    // Who adds nothing to what is there already is not among those it took.
    if (missing(domain::shortfall_of(requirement, counted)) == before && vote.person != question.denier) {
      counted.pop_back();
      continue;
    }
    auto roles = roles_in(requirement, counted.back());
    result.people.push_back({*vote.person, roles.front()});
    result.decisions.push_back({*vote.person, std::move(roles), vote.digest});
  }
  const bool denier_agrees = !question.denier || std::any_of(result.people.begin(), result.people.end(),
                                                             [&](const auto& one) { return one.person == *question.denier; });
  result.met = domain::satisfied(requirement, counted) && denier_agrees && result.decisions.size() <= most_countersigned;
  return result;
}

}  // namespace countersign::approval
