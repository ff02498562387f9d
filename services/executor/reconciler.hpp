#pragma once

// Reconciler: finds out whether unknown effects happened, by reading the target.
//
//     unknown, look_at is due ─▶ take (look_at moves on) ─▶ GET the manifest's reconcile URL ─▶ lock, judge ─▶ succeeded │ ready │ look
//     again
//                                                                                                            │ handed to a person
//
// Promise    Nothing is repeated that was not looked for after the manifest's settle time, nor with a tool that does not make repeating
//            harmless.
// Not ours   What a look means: domain/reconcile.hpp.
// Threads    One thread calls run() or look_once().
// Ownership  Borrows every constructor argument.
// Failure    look_once() throws what BatchRunner throws; run() retries with backoff. A target that does not answer is a look that failed.
// Time       Settle time and limit by the database clock, judged at the moment before the look was made.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "executor/call_brakes.hpp"
#include "executor/case_store.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/effect_settler.hpp"
#include "executor/request_renderer.hpp"
#include "http/client.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct ReconcilerOptions {
  std::size_t most_at_once = 64;
  std::chrono::milliseconds poll{500};
  http::AddressScope reach = http::AddressScope::public_only;
  std::string ca_file{};
};

class Reconciler {
 public:
  Reconciler(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler, const ConfigurationWatch& configuration,
             const SecretDirectory& secrets, base::Bell& claimable, ReconcilerOptions options = {});
  ~Reconciler();

  // Returns the number of effects that were looked at.
  std::size_t look_once();
  void run(std::stop_token stop);

 private:
  struct Look;  // one effect, and what was seen
  using Looks = std::vector<Look>;

  Looks take_due();
  void look_at_targets(Looks& looks);
  void send(Look& look);
  std::optional<http::Call> render(Look& look) const;
  std::size_t settle(const Looks& looks);
  void settle_one(const Look& look, TicketCase& one, pipeline::Batch& batch) const;

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const EffectSettler& settler_;
  const ConfigurationWatch& configuration_;
  base::Bell& claimable_;
  ReconcilerOptions options_;
  RequestRenderer renderer_;
  CallBrakes brakes_;
  http::Client client_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& found_;
  telemetry::Counter& not_found_;
  telemetry::Counter& failed_;
};

}  // namespace countersign::executor
