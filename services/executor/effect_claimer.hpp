#pragma once

// EffectClaimer: gives steps whose turn it is to the tool caller, after the gate has allowed them.
//
//     find candidates ─▶ lock their tickets ─▶ look again ─▶ gate ─▶ operation keys ─▶ approval ─▶ effect `claimed`, lease, token ─▶ COMMIT
//                                                                                        └─▶ people are asked                      └─▶ call
//
// What the gate refuses is denied in the same transaction. What it allows only with people's approval waits for that, and is judged anew
// when it comes: its countersignature is checked and recorded as used in the transaction that claims.
// A candidate is only a hint: everything is judged again under the
// ticket's lock, so two executors never claim the same step.
//
// Promise    A call is handed on only after its claim is committed, and then exactly once. No claim is made under a configuration that the
//            database has replaced, in a run that stops, or beside an unresolved effect of the same ticket.
// Not ours   Whether an action is allowed: policy_gate.hpp. Making the call: tool_caller.hpp.
// Threads    One thread calls run() or claim_once(). The bell may be rung from anywhere.
// Ownership  Borrows every constructor argument.
// Failure    claim_once() throws what BatchRunner throws; nothing was claimed then. run() retries with backoff.
// Time       The lease is the manifest's timeout plus two seconds. The lane counts it from before the transaction began, the database from
//            within it: the lane gives up first.

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "executor/approval_guard.hpp"
#include "executor/case_store.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/policy_gate.hpp"
#include "executor/round_size.hpp"
#include "executor/run_conductor.hpp"
#include "executor/tool_caller.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct ClaimerOptions {
  std::size_t most_at_once = 256;
  std::size_t most_per_tool = 128;  // calls of one tenant to one tool under way
  std::chrono::milliseconds lease_beyond_timeout{2000};
  std::chrono::milliseconds poll{200};
};

class EffectClaimer {
 public:
  EffectClaimer(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor, ConfigurationWatch& configuration,
                ToolCaller& caller, const ApprovalRequester& requester, base::Bell& bell, ClaimerOptions options = {});

  // Returns the number of steps that were claimed or denied.
  std::size_t claim_once();
  void run(std::stop_token stop);

 private:
  struct Candidate;
  struct Admission;
  struct Round;

  std::size_t claim_round();
  std::vector<Candidate> find_candidates();
  std::size_t settle(Round& round, const std::vector<Candidate>& candidates);
  void work(const std::vector<Candidate>& candidates, Round& round, pipeline::Batch& batch);
  void judge(TicketCase& one, const Candidate& candidate, Round& round, pipeline::Batch& batch);
  void claim_with_free_keys(Round& round, pipeline::Batch& batch);
  static void exclude_authors(Round& round, pipeline::Batch& batch);
  static const OperationHolder* holder_beside(const Admission& admission, const Round& round);
  static void hold(const Admission& admission, Round& round);
  void claim_if_free(Admission& admission, Round& round, pipeline::Batch& batch);
  bool approved_and_free(Admission& admission, Round& round, pipeline::Batch& batch);
  void claim_approved(const std::vector<Admission*>& approved, Round& round, pipeline::Batch& batch);
  void claim(Admission& admission, Round& round, pipeline::Batch& batch);
  void claim_step(const Admission& admission, Round& round, pipeline::Batch& batch);
  void claim_effect(const Admission& admission, pipeline::Batch& batch);
  void refuse(TicketCase& one, Step& step, const GateVerdict& verdict, Round& round, pipeline::Batch& batch);

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const RunConductor& conductor_;
  ConfigurationWatch& configuration_;
  ToolCaller& caller_;
  base::Bell& bell_;
  ClaimerOptions options_;
  RoundSize size_;
  PolicyGate gate_;
  ApprovalGuard guard_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& claimed_;
  telemetry::Counter& refused_;
  telemetry::Counter& stale_;
};

}  // namespace countersign::executor
