#include "pipeline/sequence_gate.hpp"

#include <map>

#include "base/mutation.hpp"

namespace countersign::pipeline {

namespace {

void apply_waiting(std::map<std::int64_t, std::size_t>& waiting, const GateInput& input, GateVerdict& verdict) {
  for (;;) {
    const std::int64_t due = verdict.last + 1;
    if (const auto found = waiting.find(due); found != waiting.end()) {
      verdict.apply.push_back({due, false, found->second});
      waiting.erase(found);
    } else if (input.drain && input.parked.contains(due)) {
      verdict.apply.push_back({due, true, 0});
    } else {
      return;
    }
    verdict.last = due;
  }
}

GateVerdict apply_as_they_come(const GateInput& input, GateVerdict verdict) {
  for (std::size_t i = 0; i < input.arriving.size(); ++i) verdict.apply.push_back({verdict.last = input.arriving[i], false, i});
  return verdict;
}

}  // namespace

GateVerdict judge_sequences(const GateInput& input) {
  GateVerdict verdict;
  verdict.last = input.last;
  if (base::mutated(base::Mutation::ignore_sequences)) return apply_as_they_come(input, verdict);
  std::map<std::int64_t, std::size_t> waiting;
  apply_waiting(waiting, input, verdict);
  for (std::size_t i = 0; i < input.arriving.size(); ++i) {
    const std::int64_t sequence = input.arriving[i];
    const bool seen = sequence <= verdict.last || waiting.contains(sequence) || input.parked.contains(sequence);
    if (seen && !(sequence > verdict.last && !input.drain && sequence == verdict.last + 1)) {
      ++verdict.dropped;
      continue;
    }
    waiting.emplace(sequence, i);
    apply_waiting(waiting, input, verdict);
  }
  for (const auto& [sequence, index] : waiting) verdict.park.push_back(index);
  for (const std::int64_t sequence : input.parked)
    if (sequence <= verdict.last) verdict.unpark.push_back(sequence);
  return verdict;
}

}  // namespace countersign::pipeline
