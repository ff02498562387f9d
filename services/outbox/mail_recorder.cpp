#include "outbox/mail_recorder.hpp"

#include "base/crash_point.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

constexpr std::size_t most_mail_ends_at_once = 200;

EndedMail ended_mail(const MailReport& report) {
  const auto& [call, end] = report;
  const auto& mailbox = *call.mailbox;
  return {call.claim.delivery,
          call.claim.token,
          mailbox.tenant,
          call.claim.ticket,
          mailbox_target(mailbox.name),
          end,
          mailbox.schedule,
          mailbox.when_maybe_sent == catalog::WhenMaybeSent::resend};
}

}  // namespace

MailRecorder::MailRecorder(pipeline::CoreParts parts, MailDesk& desk, base::Bell& ended, base::Bell& due)
    : parts_(parts), desk_(desk), ended_(ended), due_(due), runner_(parts, "mail_attempts"), ledger_(parts.telemetry) {}

void MailRecorder::run(std::stop_token stop) {
  runtime::run_retrying(
      "mail_recorder", parts_.clock, parts_.telemetry, std::move(stop), [this] { return record_once() > 0; }, ended_);
  try {
    while (record_once() > 0) {
    }
  } catch (const std::runtime_error& trouble) {
    parts_.telemetry.log.warning("mail_ends_not_recorded", {{"error", trouble.what()}});  // their leases end
  }
}

std::size_t MailRecorder::record_once() {
  if (pending_.empty()) pending_ = desk_.collect_ended(most_mail_ends_at_once);
  if (pending_.empty()) return 0;
  std::vector<EndedMail> mails;
  for (const auto& report : pending_) mails.push_back(ended_mail(report));
  MailLedger::Tally tally;
  runner_.run({{}, {}, MailLedger::keys_of(mails)}, [&](pipeline::Batch& batch) {
    tally = {};
    ledger_.record(batch, mails, tally);
  });
  base::crash_point("after_mail_recorded");
  desk_.release(std::exchange(pending_, {}));
  ledger_.tell(tally);
  due_.ring();
  return mails.size();
}

}  // namespace countersign::outbox
