#pragma once

// EffectSettler: applies to a case what the end of a call, or a look at the target, means for a step and its effect. The meaning itself is
// domain/settle.hpp and domain/reconcile.hpp; here it becomes transitions, due times, evidence, receipts and audit entries.
//
// Threads    Stateless but for its borrowed parts; the batch's thread.

#include <chrono>
#include <string>
#include <string_view>

#include "catalog/tool_manifest.hpp"
#include "domain/reconcile.hpp"
#include "domain/settle.hpp"
#include "executor/case.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// A call that has ended, as far as the ledger is concerned.
struct EndedCall {
  domain::CallEnd end;
  int sent = 0;
  int unsent = 0;
  bool earlier_unanswered = false;
  int status = 0;
  contracts::Json result;
  std::string result_code;
  std::string trouble;
};

struct SettlerOptions {
  std::chrono::milliseconds limit_without_look{15 * 60'000};  // an unknown effect that nobody can look up is handed off then
  // Nobody can look into a customer's mailbox, and what the outbox says is its last word; but a letter that was just taken back is
  // answered.
  std::chrono::milliseconds limit_of_letters{30'000};
  std::chrono::milliseconds look_again_least{1'000};
  std::chrono::milliseconds look_again_most{60'000};
  std::chrono::milliseconds look_overdue{10 * 60'000};  // how often one that was handed off is still looked for
};

class EffectSettler {
 public:
  EffectSettler(const RunConductor& conductor, SettlerOptions options = {}) : conductor_(conductor), options_(options) {}

  // The step must be claimed. `manifest` may be null when the tool is gone: then nothing is assumed of it.
  void settle(TicketCase& one, Step& step, const catalog::ToolManifest* manifest, const EndedCall& call, pipeline::Batch& batch) const;
  // A success reported under a claim that no longer stands. `step` and `effect` belong together.
  void settle_late(TicketCase& one, Step& step, Effect& effect, const contracts::Json& receipt, pipeline::Batch& batch) const;
  // The effect must be unknown.
  void settle_look(TicketCase& one, Step& step, Effect& effect, const catalog::ToolManifest* manifest, const domain::LookVerdict& verdict,
                   const contracts::Json& receipt, pipeline::Batch& batch) const;

  // How long an unknown effect may stay so before a person is asked.
  std::chrono::milliseconds limit_of(const catalog::ToolManifest* manifest) const;
  // A run that is stopping or has stopped starts nothing again.
  static bool stopping(const TicketCase& one, const Step& step);

 private:
  void succeed(TicketCase& one, Step& step, Effect* effect, const EndedCall& call, pipeline::Batch& batch) const;
  void fail(TicketCase& one, Step& step, Effect* effect, std::string_view code, pipeline::Batch& batch) const;
  void lose(TicketCase& one, Step& step, Effect& effect, const catalog::ToolManifest* manifest, std::string_view code,
            pipeline::Batch& batch) const;
  void put_back(TicketCase& one, Step& step, Effect* effect, std::chrono::milliseconds again_in, std::string_view code,
                pipeline::Batch& batch) const;
  void add_evidence(TicketCase& one, const Step& step, const contracts::Json& result, base::WallTime now) const;
  std::chrono::milliseconds next_look(const Effect& effect, const catalog::ToolManifest* manifest, base::WallTime now) const;

  const RunConductor& conductor_;
  SettlerOptions options_;
};

}  // namespace countersign::executor
