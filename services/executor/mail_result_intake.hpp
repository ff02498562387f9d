#pragma once

// MailResultIntake: takes in the topic `delivery-results`: what became of the letters that steps asked for.
//
// A step that writes to a customer has succeeded when the mail server has taken the letter, and not before. The answer belongs to the claim
// whose token is the message's id. One that comes after the claim's lease ended still settles what is unknown; any other is counted and
// dropped.
//
// Promise    A letter that may have been sent is `unknown`, whatever the wish to try again.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    A result that cannot be read is a dead letter; the letters of its ticket that wait for an answer are unknown from then on.

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/effect_settler.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class MailResultIntake final : public pipeline::Handler {
 public:
  // `claimable` is rung after every commit: the next step may have its turn.
  MailResultIntake(const CaseStore& store, const EffectSettler& settler, const catalog::Catalog& catalog, base::Bell& claimable,
                   telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override { claimable_.ring(); }

 private:
  struct Result;
  void take(TicketCase& one, const Result& result, pipeline::Batch& batch) const;
  void lose_letters(TicketCase& one, pipeline::Batch& batch) const;
  bool take_late(TicketCase& one, Step& step, const Result& result, pipeline::Batch& batch) const;

  const CaseStore& store_;
  const EffectSettler& settler_;
  const catalog::Catalog& catalog_;
  base::Bell& claimable_;
  telemetry::Counter& dropped_;
};

}  // namespace countersign::executor
