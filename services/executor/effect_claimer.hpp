#pragma once

// EffectClaimer: finds steps whose turn it is and nobody has claimed, locks their tickets and has them judged.
//
//     find candidates ─▶ slots ─▶ lock their tickets ─▶ look again ─▶ ClaimDesk ─▶ COMMIT ─▶ call
//
// A candidate is only a hint: everything is judged again under the ticket's lock, so two executors never claim the same step. Most steps
// never get here: they are claimed with the batch that gave them their turn. What comes is what was put back, what people had to approve
// and what found no free slot.
//
// Promise    A call is handed on only after its claim is committed, and then exactly once.
// Not ours   What becomes of a step: claim_desk.hpp. Claims in other loops' batches: turn_claimer.hpp. Making the call: tool_caller.hpp.
// Threads    One thread calls run() or claim_once(). The bell may be rung from anywhere.
// Ownership  Borrows every constructor argument.
// Failure    claim_once() throws what BatchRunner throws; nothing was claimed then. run() retries with backoff.

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/claim_desk.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/round_size.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct ClaimerOptions {
  std::size_t most_at_once = 256;
  std::chrono::milliseconds poll{200};
};

class EffectClaimer {
 public:
  EffectClaimer(pipeline::CoreParts parts, const CaseStore& store, const ClaimDesk& desk, ConfigurationWatch& configuration,
                CallSlots& slots, base::Bell& bell, ClaimerOptions options = {});

  // Returns the number of steps that were claimed or denied, or that people were asked about.
  std::size_t claim_once();
  void run(std::stop_token stop);

 private:
  struct Candidate;
  using Configuration = std::shared_ptr<const catalog::Snapshot>;

  std::size_t claim_round();
  std::vector<Candidate> find_candidates(SlotHold& hold);
  std::size_t settle(const std::vector<Candidate>& candidates, const Configuration& configuration, SlotHold& hold);
  Decided work(const std::vector<Candidate>& candidates, const Configuration& configuration, pipeline::Batch& batch);

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const ClaimDesk& desk_;
  ConfigurationWatch& configuration_;
  CallSlots& slots_;
  base::Bell& bell_;
  ClaimerOptions options_;
  RoundSize size_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& stale_;
};

}  // namespace countersign::executor
