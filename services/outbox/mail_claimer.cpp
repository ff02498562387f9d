#include "outbox/mail_claimer.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

MailClaimer::MailClaimer(pipeline::CoreParts parts, const catalog::Catalog& catalog, MailboxKeys& keys, Mailer& mailer, base::Bell& due,
                         MailClaimerOptions options)
    : parts_(parts),
      catalog_(catalog),
      keys_(keys),
      mailer_(mailer),
      due_(due),
      options_(options),
      runner_(parts, "mail_claims"),
      claimed_(parts.telemetry.metrics.counter("mails_claimed_total", "Messages to customers given to the mailer.")) {}

void MailClaimer::run(std::stop_token stop) {
  runtime::run_retrying("mail_claimer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return claim_once() > 0; }, due_,
                        {.pause = options_.poll});
}

std::size_t MailClaimer::claim_once() {
  const auto configuration = catalog_.current();
  const auto load = mailer_.desk().load();
  if (configuration == nullptr || load.free == 0) return 0;
  const auto mailboxes = keys_.usable(*configuration, tenants_in_turn(*configuration, turn_++));
  if (mailboxes.empty()) return 0;
  const auto wishes = make_wishes(mailboxes, load);
  const auto candidates = find_candidates(runner_.session(), wishes, load.free);
  if (candidates.empty()) return 0;
  auto granted = claim_candidates(runner_, wishes, candidates);
  const std::size_t count = granted.size();
  claimed_.add(static_cast<double>(count));
  std::vector<MailCall> calls;
  for (auto& claim : granted) {
    const auto& usable = mailboxes[claim.wish];
    calls.push_back(make_call(std::move(claim), usable, configuration));
  }
  mailer_.desk().take(std::move(calls));
  return count;
}

std::vector<ClaimWish> MailClaimer::make_wishes(const std::vector<UsableMailbox>& mailboxes, const LaneLoad& load) const {
  std::vector<ClaimWish> wishes;
  for (const auto& [mailbox, password] : mailboxes) {
    ClaimWish wish;
    wish.target = {mailbox->tenant, mailbox_target(mailbox->name)};
    wish.version = mailbox->version;
    const auto busy = load.under_way.find(wish.target);
    wish.under_way = busy == load.under_way.end() ? 0 : busy->second;
    wish.slots = options_.most_per_mailbox - std::min(options_.most_per_mailbox, wish.under_way);
    wish.lease = mailer_.longest_call() + options_.lease_beyond_call;
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

MailCall MailClaimer::make_call(GrantedClaim granted, const UsableMailbox& usable,
                                const std::shared_ptr<const catalog::Snapshot>& configuration) const {
  auto event = contracts::decode(contracts::types::message_requested, granted.claim.payload);
  COUNTERSIGN_INVARIANT(event.has_value(), "what the intake accepted can be read again");
  MailCall call;
  call.claim = std::move(granted.claim);
  call.message = std::get<contracts::MessageRequested>(*std::move(event));
  call.configuration = configuration;
  call.mailbox = usable.mailbox;
  call.password = usable.password;
  return call;
}

}  // namespace countersign::outbox
