#include "executor/turn_claimer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace countersign::executor {

namespace {

// One of each ticket at most has its turn and is ready. Every tenant's first comes before anybody's second.
std::vector<DueStep> find_due(std::map<std::string, TicketCase>& cases, base::WallTime now) {
  std::map<std::string_view, std::size_t> turns;
  std::vector<std::pair<std::size_t, DueStep>> turned;
  for (auto& [key, one] : cases) {
    const auto found = std::find_if(one.steps.begin(), one.steps.end(), [&](const Step& step) { return claimable(one, step, now); });
    if (found != one.steps.end()) turned.push_back({turns[one.ticket.tenant]++, {&one, &*found}});
  }
  std::stable_sort(turned.begin(), turned.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<DueStep> due;
  for (const auto& [turn, step] : turned) due.push_back(step);
  return due;
}

}  // namespace

TurnClaimer::TurnClaimer(const ClaimDesk& desk, const ConfigurationWatch& configuration, CallSlots& slots, base::Bell& claimable)
    : desk_(desk), configuration_(configuration), slots_(slots), claimable_(claimable), hold_(slots) {}

void TurnClaimer::settle(std::map<std::string, TicketCase>& cases, pipeline::Batch& batch) {
  rolled_back();  // whatever a batch was about that nobody has told us the end of
  auto due = find_due(cases, batch.now());
  auto configuration = configuration_.current();
  if (plain_ || configuration == nullptr || !desk_.in_time(batch)) {
    left_ = due.size();
    return;
  }
  const auto finds_no_slot = [this](const DueStep& each) {
    return !hold_.take_as_newcomer(bulkhead_of(each.one->ticket.tenant, each.step->tool));
  };
  left_ = std::erase_if(due, finds_no_slot);
  if (due.empty()) return;
  tried_ = true;
  decided_ = desk_.settle(cases, due, std::move(configuration), ClaimDesk::People::left_alone, batch);
  left_ += decided_.left;
}

void TurnClaimer::committed() {
  plain_ = tried_ = false;
  auto decided = std::exchange(decided_, {});
  const bool left = std::exchange(left_, 0) > 0;
  if (decided.count() > 0) desk_.hand_over(std::move(decided), hold_);
  hold_.give_back();
  if (left || slots_.was_wanted()) claimable_.ring();
}

bool TurnClaimer::rolled_back() {
  decided_ = {};
  left_ = 0;
  hold_.give_back();
  const bool tried = std::exchange(tried_, false);
  plain_ = plain_ || tried;
  if (slots_.was_wanted()) claimable_.ring();
  return tried;
}

}  // namespace countersign::executor
