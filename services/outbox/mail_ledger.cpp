#include "outbox/mail_ledger.hpp"

#include <algorithm>

#include "outbox/attempt_rows.hpp"
#include "outbox/mail_results.hpp"
#include "outbox/sql.hpp"

namespace countersign::outbox {

namespace {

struct Standing {
  MailStanding standing;
  MailName name;
};

std::map<base::Uuid, Standing> load_standing(pipeline::Batch& batch, const std::vector<EndedMail>& mails) {
  std::vector<base::Uuid> ids, tokens;
  for (const auto& mail : mails) {
    ids.push_back(mail.delivery);
    tokens.push_back(mail.token);
  }
  std::map<base::Uuid, Standing> found;
  for (const auto row : batch.transaction().execute(sql::find_mail_claims, postgres::Parameters{}.add(ids).add(tokens))) {
    Standing& one = found[row.get<base::Uuid>(0)];
    one.standing = {static_cast<int>(row.get<std::int64_t>(1)), static_cast<int>(row.get<std::int64_t>(2)), row.get<bool>(3),
                    row.get<bool>(4)};
    one.name.message = base::Uuid::parse(row.get<std::string>(5)).value_or(base::Uuid{});
    one.name.run = row.get<std::int64_t>(6);
    one.name.step = row.get<std::int64_t>(7);
  }
  return found;
}

std::optional<base::Uuid> owe_result(pipeline::Batch& batch, const MailName& name, const MailFate& fate, const AttemptEnd& end) {
  if (fate.state == "delivered") return owe_delivered(batch, name, end.answer);
  if (fate.state == "dead") return owe_dead(batch, name, fate.code, fate.maybe_sent, end.answer.empty() ? end.error : end.answer);
  return std::nullopt;
}

}  // namespace

MailLedger::MailLedger(telemetry::Telemetry telemetry)
    : telemetry_(telemetry),
      delivered_(telemetry.metrics.counter("mails_delivered_total", "Messages to customers that a mail server accepted.")),
      dead_(telemetry.metrics.counter("mails_dead_total", "Messages to customers that ended without being accepted by a mail server.")),
      late_(telemetry.metrics.counter("mails_late_total", "Ends of attempts to send a mail whose claim stood no more.")) {}

std::vector<std::string> MailLedger::keys_of(const std::vector<EndedMail>& mails) {
  std::vector<std::string> keys;
  for (const auto& mail : mails) keys.push_back(mail.tenant + "/" + mail.ticket);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void MailLedger::record(pipeline::Batch& batch, const std::vector<EndedMail>& mails, Tally& tally) {
  auto standing = load_standing(batch, mails);
  std::uniform_real_distribution<double> spread(0, 1);
  AttemptRows rows;
  std::map<base::Uuid, MailFate> fates;
  for (const auto& mail : mails) {
    const auto found = standing.find(mail.delivery);
    if (found == standing.end()) {
      ++tally.late;
      continue;
    }
    MailName& name = found->second.name;
    name.tenant = mail.tenant;
    name.ticket = mail.ticket;
    name.delivery = mail.delivery;
    const auto fate = decide_fate(mail.end, found->second.standing, mail.schedule, mail.resend, spread(random_));
    rows.add(mail.delivery, mail.token, mail.end, fate.state, batch.now() + fate.due_in, batch,
             {fate.maybe_sent, fate.code, owe_result(batch, name, fate, mail.end)});
    if (fate.state == "delivered") ++tally.delivered;
    if (fate.state == "dead") tally.dead.push_back({mail.tenant, mail.target, mail.delivery.str(), fate.code, mail.end.error});
    fates.emplace(mail.delivery, fate);
  }
  const auto numbers = rows.write(batch);
  for (const auto& mail : mails) {
    const auto number = numbers.find(mail.delivery);
    if (number == numbers.end() || mail.end.outcome == AttemptOutcome::called_off) continue;
    batch.audit(
        attempt_audit(mail.tenant, mail.ticket, mail.target, mail.delivery, number->second, mail.end, fates.at(mail.delivery).state));
  }
}

void MailLedger::tell(const Tally& tally) {
  delivered_.add(tally.delivered);
  late_.add(tally.late);
  dead_.add(static_cast<double>(tally.dead.size()));
  for (const auto& [tenant, target, delivery, code, error] : tally.dead)
    telemetry_.log.warning("mail_dead",
                           {{"tenant", tenant}, {"mailbox", target}, {"delivery", delivery}, {"code", code}, {"error", error}});
}

}  // namespace countersign::outbox
