#pragma once

// AttemptRecorder: writes down how calls ended, many at a time, and what that means for their deliveries and endpoints.
//
// Promise    An end is recorded once, and only while its claim's token stands. What could not be recorded keeps its slot in the lane; if
//            the process dies first, the lease ends and the delivery goes out again under the same id.
// Not ours   What follows from an end: delivery_rules.hpp.
// Threads    One thread calls run() or record_once().
// Ownership  Borrows every constructor argument.
// Failure    record_once() throws what BatchRunner throws and keeps the reports; run() retries with backoff.

#include <map>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "outbox/attempt_rows.hpp"
#include "outbox/delivery_rules.hpp"
#include "outbox/due_bell.hpp"
#include "outbox/webhook_sender.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::outbox {

class AttemptRecorder {
 public:
  // `ended` is the lane's bell; `due` is rung after a commit for what is ready again, and for who waits for a slot or an ordered ticket's
  // turn. `patience`: how long an endpoint may take nothing before it is disabled.
  AttemptRecorder(pipeline::CoreParts parts, WebhookSender& sender, base::Bell& ended, DueBell& due,
                  std::chrono::milliseconds patience = default_patience);

  // Returns the number of reports that were recorded.
  std::size_t record_once();
  // Records what is left after a stop.
  void run(std::stop_token stop);

 private:
  using Health = std::map<TargetName, EndpointHealth>;
  struct Tally;

  void record(pipeline::Batch& batch, Tally& tally);
  postgres::Transaction::Claim ask_for_health(pipeline::Batch& batch) const;
  static Health read_health(const postgres::Rows& rows);
  void heed_endpoints(const Health& before, pipeline::Batch& batch, Tally& tally);
  void tell(const Tally& tally);

  pipeline::CoreParts parts_;
  WebhookSender& sender_;
  base::Bell& ended_;
  DueBell& due_;
  std::chrono::milliseconds patience_;
  pipeline::BatchRunner runner_;
  std::vector<AttemptReport> pending_;
  std::mt19937_64 random_{std::random_device{}()};
  std::map<AttemptOutcome, telemetry::Counter*> attempts_;
  telemetry::Counter& delivered_;
  telemetry::Counter& dead_;
  telemetry::Counter& late_;
  telemetry::Counter& throttled_;
  telemetry::Counter& broken_;
  telemetry::Counter& disabled_;
};

}  // namespace countersign::outbox
