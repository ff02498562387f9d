#include "outbox/mail_reaper.hpp"

#include "outbox/delivery_claims.hpp"
#include "outbox/mail.hpp"
#include "outbox/mail_results.hpp"
#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

constexpr std::int64_t most_letters_at_once = 200;
constexpr std::chrono::milliseconds between_mail_rounds{500};
constexpr std::chrono::seconds between_looks_for_stranded{5};

// As two columns: tenant, target.
postgres::Parameters& add_names(postgres::Parameters& parameters, const std::vector<UsableMailbox>& mailboxes) {
  std::vector<std::string> tenants, targets;
  for (const auto& [mailbox, password] : mailboxes) {
    tenants.push_back(mailbox->tenant);
    targets.push_back(mailbox_target(mailbox->name));
  }
  return parameters.add(tenants).add(targets);
}

bool resends(const catalog::Snapshot& configuration, const std::string& tenant, const std::string& target) {
  const auto* mailbox = configuration.find_mailbox(tenant, target.substr(mailbox_target("").size()));
  return mailbox != nullptr && mailbox->when_maybe_sent == catalog::WhenMaybeSent::resend;
}

}  // namespace

MailReaper::MailReaper(pipeline::CoreParts parts, const catalog::Catalog& catalog, MailboxKeys& keys, base::Bell& due,
                       std::chrono::milliseconds patience)
    : parts_(parts),
      catalog_(catalog),
      keys_(keys),
      due_(due),
      patience_(patience),
      runner_(parts, "mail_leases"),
      ledger_(parts.telemetry),
      reaped_(parts.telemetry.metrics.counter("mail_leases_ended_total", "Claimed mails taken back because their lane was silent.")),
      oldest_due_(parts.telemetry.metrics.gauge("mail_oldest_due_seconds", "How long the longest waiting mail is overdue.")),
      waiting_(parts.telemetry.metrics.gauge("mails_waiting_for_mailbox", "Mails that are due and have no usable mailbox.")) {}

void MailReaper::run(std::stop_token stop) {
  base::Bell bell;
  const auto turn = [this] {
    std::size_t found = reap_once();
    if (parts_.clock.steady() >= look_for_stranded_at_) {
      found += give_up_stranded_once();
      look_for_stranded_at_ = parts_.clock.steady() + between_looks_for_stranded;
    }
    return found > 0;
  };
  runtime::run_retrying("mail_reaper", parts_.clock, parts_.telemetry, std::move(stop), turn, bell, {.pause = between_mail_rounds});
}

std::size_t MailReaper::reap_once() {
  const auto configuration = catalog_.current();
  if (configuration == nullptr) return 0;
  std::size_t found =
      settle(runner_.session().execute(sql::find_ended_leases, postgres::Parameters{}.add(most_letters_at_once).add(std::string("email"))),
             *configuration);
  for (std::size_t reaped = 1; !predecessors_reaped_ && reaped > 0; found += reaped)
    reaped = settle(runner_.session().execute(sql::find_predecessors_leases, postgres::Parameters{}
                                                                                 .add(most_letters_at_once)
                                                                                 .add(parts_.incarnation.instance())
                                                                                 .add(parts_.incarnation.current())
                                                                                 .add(std::string("email"))),
                    *configuration);
  predecessors_reaped_ = true;
  return found;
}

std::size_t MailReaper::settle(const postgres::Rows& ended, const catalog::Snapshot& configuration) {
  std::vector<EndedMail> mails;
  for (const auto row : ended) {
    EndedMail mail{row.get<base::Uuid>(0),
                   row.get<base::Uuid>(1),
                   row.get<std::string>(2),
                   row.get<std::string>(3),
                   row.get<std::string>(4),
                   {},
                   {},
                   false};
    mail.end = {.outcome = AttemptOutcome::lease_ended, .error = "the lane fell silent"};
    mail.resend = resends(configuration, mail.tenant, mail.target);
    mails.push_back(std::move(mail));
  }
  if (mails.empty()) return 0;
  MailLedger::Tally tally;
  runner_.run({{}, {}, MailLedger::keys_of(mails)}, [&](pipeline::Batch& batch) {
    tally = {};
    ledger_.record(batch, mails, tally);
  });
  reaped_.add(static_cast<double>(mails.size()));
  parts_.telemetry.log.warning("mail_leases_ended", {{"mails", mails.size()}});
  ledger_.tell(tally);
  due_.ring();
  return mails.size();
}

std::size_t MailReaper::give_up_stranded_once() {
  const auto configuration = catalog_.current();
  if (configuration == nullptr) return 0;
  postgres::Parameters wanted;
  wanted.add(std::chrono::microseconds{patience_});
  add_names(wanted, keys_.usable(*configuration, tenants_in_turn(*configuration, 0))).add(most_letters_at_once);
  std::vector<EndedMail> stranded;
  std::vector<base::Uuid> ids;
  for (const auto row : runner_.session().execute(sql::find_stranded_mails, wanted)) {
    ids.push_back(row.get<base::Uuid>(0));
    stranded.push_back({ids.back(), {}, row.get<std::string>(1), row.get<std::string>(2), {}, {}, {}, false});
  }
  if (ids.empty()) return 0;
  MailLedger::Tally tally;
  runner_.run({{}, {}, MailLedger::keys_of(stranded)}, [&](pipeline::Batch& batch) {
    tally = {};
    std::vector<base::Uuid> dead, results;
    for (const auto row : batch.transaction().execute(sql::lock_ready_mails, postgres::Parameters{}.add(ids))) {
      const MailName name{
          row.get<std::string>(1), row.get<std::string>(2),  base::Uuid::parse(row.get<std::string>(3)).value_or(base::Uuid{}),
          row.get<base::Uuid>(0),  row.get<std::int64_t>(4), row.get<std::int64_t>(5)};
      dead.push_back(name.delivery);
      results.push_back(owe_dead(batch, name, "mailbox_missing", row.get<bool>(6), ""));
      tally.dead.push_back({name.tenant, "", name.delivery.str(), "mailbox_missing", "no usable mailbox of this name"});
    }
    batch.transaction().queue(sql::end_mails, postgres::Parameters{}.add(dead).add(results).add(std::string("mailbox_missing")));
  });
  ledger_.tell(tally);
  return ids.size();
}

void MailReaper::count_once(postgres::Session& session) {
  const auto configuration = catalog_.current();
  if (configuration == nullptr) return;
  postgres::Parameters names;
  add_names(names, keys_.usable(*configuration, tenants_in_turn(*configuration, 0)));
  const auto counts = session.execute(sql::count_mails, names);
  oldest_due_.set(counts[0].get<double>(0));
  waiting_.set(static_cast<double>(counts[0].get<std::int64_t>(1)));
}

}  // namespace countersign::outbox
