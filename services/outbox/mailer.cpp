#include "outbox/mailer.hpp"

#include <thread>
#include <vector>

#include "base/crash_point.hpp"
#include "http/mail.hpp"

namespace countersign::outbox {

namespace {

http::SmtpOptions client_options(const MailerOptions& options) {
  http::SmtpOptions client;
  if (options.allow_loopback) {
    client.address_policy.scope = http::AddressScope::public_and_loopback;
    client.address_policy.ports.push_back({1024, 65535});
  }
  client.ca_file = options.ca_file;
  client.hello_name = options.hello_name;
  client.total_timeout = options.timeout;
  client.connect_timeout = std::min(client.connect_timeout, options.timeout);
  return client;
}

http::SmtpSecurity security_of(catalog::SmtpSecurity security) {
  switch (security) {
    case catalog::SmtpSecurity::tls:
      return http::SmtpSecurity::tls;
    case catalog::SmtpSecurity::none:
      return http::SmtpSecurity::none;
    case catalog::SmtpSecurity::starttls:
      break;
  }
  return http::SmtpSecurity::starttls;
}

http::SmtpServer server_of(const MailCall& call) {
  const auto& smtp = call.mailbox->smtp;
  return {smtp.host, static_cast<std::uint16_t>(smtp.port), security_of(smtp.security), smtp.user.value_or(""), call.password};
}

const char* label_of(AttemptOutcome outcome) { return outcome == AttemptOutcome::unknown ? "maybe_sent" : name_of(outcome); }

}  // namespace

base::Result<std::string> compose(const MailCall& call) {
  const auto& from = call.mailbox->from;
  http::Letter letter;
  letter.from = {from.address, from.name.value_or("")};
  letter.reply_to = call.mailbox->reply_to.value_or("");
  letter.to = call.message.to;
  letter.subject = call.message.subject;
  letter.text = call.message.text;
  letter.html = call.message.html.value_or("");
  letter.message_id = call.claim.delivery.str();
  letter.date = call.claim.accepted_at;
  return http::compose_mail(letter);
}

AttemptEnd read_end(const http::SmtpOutcome& outcome) {
  using Kind = http::SmtpOutcome::Kind;
  AttemptEnd end;
  if (outcome.code != 0) end.status = outcome.code;
  end.answer = outcome.answer;
  end.error = outcome.error;
  end.seconds = outcome.seconds;
  switch (outcome.kind) {
    case Kind::accepted:
      end.outcome = AttemptOutcome::delivered;
      break;
    case Kind::refused_permanent:
    case Kind::refused_temporary:
      end.outcome = AttemptOutcome::refused;
      break;
    case Kind::not_sent:
      end.outcome = AttemptOutcome::not_sent;
      break;
    case Kind::maybe_sent:
      end.outcome = AttemptOutcome::unknown;
      break;
  }
  return end;
}

Mailer::Mailer(base::Clock& clock, base::Bell& ended, telemetry::Telemetry telemetry, MailerOptions options)
    : clock_(clock),
      ended_bell_(ended),
      options_(std::move(options)),
      client_(client_options(options_)),
      desk_(options_.lanes),
      seconds_(telemetry.metrics.histogram("mail_seconds", "From connecting to a mail server to the end of the conversation.",
                                           telemetry::Metrics::seconds_buckets())) {
  for (const auto outcome :
       {AttemptOutcome::delivered, AttemptOutcome::refused, AttemptOutcome::not_sent, AttemptOutcome::unknown, AttemptOutcome::called_off})
    ends_[outcome] = &telemetry.metrics.counter("mails_total", "Attempts to send a mail, by their end.", {{"outcome", label_of(outcome)}});
}

std::size_t Mailer::send_once() {
  auto calls = desk_.collect_taken();
  for (auto& call : calls) send(std::move(call), {});
  return calls.size();
}

void Mailer::run(std::stop_token stop) {
  std::stop_source abandon;
  std::vector<std::jthread> lanes;
  for (std::size_t i = 0; i < options_.lanes; ++i) lanes.emplace_back([this, stop, &abandon] { work(stop, abandon.get_token()); });
  while (!stop.stop_requested()) clock_.wait(stop, std::chrono::hours{1});
  for (auto& call : desk_.collect_taken()) end(std::move(call), {.outcome = AttemptOutcome::called_off, .error = "the service stops"});
  desk_.wait_until_ended(options_.grace);
  abandon.request_stop();
  lanes.clear();  // joins
  ended_bell_.ring();
}

void Mailer::work(std::stop_token stop, std::stop_token abandon) {
  while (auto call = desk_.wait_taken(stop)) send(*std::move(call), abandon);
}

void Mailer::send(MailCall call, std::stop_token abandon) {
  if (call.claim.lease_end - clock_.steady() <= longest_call())
    return end(std::move(call), {.outcome = AttemptOutcome::called_off, .error = "the lease was too short for the call"});
  const auto mail = compose(call);
  if (!mail) return end(std::move(call), {.outcome = AttemptOutcome::refused, .error = mail.error().code + ": " + mail.error().detail});
  base::crash_point("before_mail");
  const auto outcome = client_.send(server_of(call), {call.mailbox->from.address, call.message.to, *mail}, std::move(abandon));
  using Kind = http::SmtpOutcome::Kind;
  if (outcome.kind == Kind::accepted || outcome.kind == Kind::maybe_sent) base::crash_point("smtp_after_dot");
  seconds_.observe(outcome.seconds);
  end(std::move(call), read_end(outcome));
}

void Mailer::end(MailCall call, AttemptEnd how) {
  ends_.at(how.outcome)->add();
  desk_.end(std::move(call), std::move(how));
  ended_bell_.ring();
}

}  // namespace countersign::outbox
