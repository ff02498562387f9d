#pragma once

// Previewer: asks tools what they would change: before people are asked, and once more when they have agreed.
//
//     previewing, granted ─▶ take (lease, token) ─▶ the manifest's preview call ─▶ lock, judge ─▶ requested │ cleared │ asked anew
//
// The second look compares what the manifest counts as preconditions with what people saw. Where it differs, the approval is withdrawn and
// the gate is asked again; people are then shown the difference.
//
// Promise    What people see was read from the target for this very request. A target that says nothing is asked a few times, and then the
//            step ends (preview_failed).
// Not ours   What is shown besides: approval_drafter.hpp. Whether the approval stands: approved_claim.hpp.
// Threads    One thread calls run() or look_once().
// Ownership  Borrows every constructor argument.
// Failure    look_once() throws what BatchRunner throws; run() retries with backoff. A look whose lane dies is taken by another when its
//            lease ends.
// Time       Due times, leases and freshness by the database clock.

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "executor/approval_requester.hpp"
#include "executor/call_brakes.hpp"
#include "executor/case_store.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/request_renderer.hpp"
#include "executor/round_size.hpp"
#include "http/client.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct PreviewerOptions {
  std::size_t most_at_once = 64;
  int most_looks = 6;
  std::chrono::milliseconds first_pause{1000};  // after a look that failed; doubled each time
  std::chrono::milliseconds fresh_for{15'000};  // how long after the second look was answered the step may be claimed
  std::chrono::milliseconds poll{500};
  http::AddressScope reach = http::AddressScope::public_only;
  std::string ca_file{};
};

class Previewer {
 public:
  Previewer(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor, const ApprovalRequester& requester,
            const ConfigurationWatch& configuration, const SecretDirectory& secrets, base::Bell& to_look, base::Bell& claimable,
            PreviewerOptions options = {});
  ~Previewer();

  // Returns the number of targets that were asked.
  std::size_t look_once();
  void run(std::stop_token stop);

 private:
  struct Look;  // one approval, and what was seen
  using Looks = std::vector<Look>;

  std::size_t look_round();
  Looks take_due();
  void send(Look& look);
  std::optional<http::Call> render(Look& look) const;
  std::size_t settle(const Looks& looks);
  void settle_one(const Look& look, bool current, TicketCase& one, pipeline::Batch& batch);
  static void look_later(Approval& approval, std::chrono::milliseconds wait, pipeline::Batch& batch);
  void try_again(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch);
  void ask_people(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch);
  void compare(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch);
  void reconsider(TicketCase& one, Step& step, Approval& approval, std::string_view code, pipeline::Batch& batch);

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const RunConductor& conductor_;
  const ApprovalRequester& requester_;
  const ConfigurationWatch& configuration_;
  base::Bell& to_look_;
  base::Bell& claimable_;
  PreviewerOptions options_;
  RoundSize size_;
  RequestRenderer renderer_;
  CallBrakes brakes_;
  http::Client client_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& seen_;
  telemetry::Counter& failed_;
  telemetry::Counter& drifted_;
};

}  // namespace countersign::executor
