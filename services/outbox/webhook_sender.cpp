#include "outbox/webhook_sender.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "http/retry_after.hpp"
#include "outbox/delivery_rules.hpp"

namespace countersign::outbox {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_connect{3000};
constexpr std::size_t longest_answer = 4096;  // nobody reads it; enough to keep the connection of whoever says "ok" at length
constexpr std::size_t longest_error = 300;

http::ClientOptions client_options(const SenderOptions& options) {
  http::ClientOptions client;
  if (options.allow_loopback) client.address_policy.scope = http::AddressScope::public_and_loopback;
  client.ca_file = options.ca_file;
  client.most_kept_connections = options.most_at_once;
  return client;
}

// It may quote what the peer sent, and ends up in a text column and a log line.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), longest_error));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

AttemptEnd read_answer(const http::Outcome& outcome, base::WallTime now) {
  AttemptEnd end;
  end.status = outcome.status;
  if (outcome.status >= 200 && outcome.status < 300) {
    end.outcome = AttemptOutcome::delivered;
    return end;
  }
  end.outcome = AttemptOutcome::refused;
  end.error = "the endpoint answered " + std::to_string(outcome.status);
  if (outcome.status >= 300 && outcome.status < 400) end.error += "; redirects are not followed";
  if (throttles(outcome.status))
    if (const auto header = base::find_header(outcome.headers, "retry-after"))
      end.retry_after = http::parse_retry_after(*header, now, least_throttle, most_throttle);
  return end;
}

http::Call make_call(const WebhookCall& call, base::WallTime now) {
  const auto& endpoint = *call.endpoint;
  http::Call post;
  post.method = "POST";
  post.url = endpoint.url;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  post.headers = call.signer->headers(webhook_id(call.claim.delivery), seconds, call.claim.payload);
  post.headers.emplace_back("content-type", "application/json");
  post.body = call.claim.payload;
  post.connect_timeout = std::min(longest_connect, endpoint.timeout);
  post.total_timeout = endpoint.timeout;
  post.max_response_bytes = longest_answer;
  return post;
}

}  // namespace

AttemptEnd read_end(const http::Outcome& outcome, base::WallTime now) {
  AttemptEnd end;
  // Of an answer that is too long, the status has been read; the rest does not interest us.
  if (outcome.kind == http::Outcome::Kind::answered || (outcome.body_cut && outcome.status != 0)) {
    end = read_answer(outcome, now);
  } else {
    end.outcome = outcome.kind == http::Outcome::Kind::not_sent ? AttemptOutcome::not_sent : AttemptOutcome::unknown;
    end.error = printable(outcome.error);
  }
  end.seconds = outcome.seconds;
  return end;
}

WebhookSender::WebhookSender(base::Clock& clock, base::Bell& ended, telemetry::Telemetry telemetry, SenderOptions options)
    : clock_(clock),
      ended_bell_(ended),
      options_(std::move(options)),
      client_(client_options(options_)),
      desk_(options_.most_at_once),
      sent_(telemetry.metrics.counter("webhook_calls_total", "Webhook requests begun.")),
      called_off_(telemetry.metrics.counter("webhook_calls_called_off_total", "Claimed deliveries that were given back untried.")),
      call_seconds_(telemetry.metrics.histogram("webhook_call_seconds", "From the start of a webhook request to its end.",
                                                telemetry::Metrics::seconds_buckets())) {}

void WebhookSender::take(std::vector<WebhookCall> calls) {
  desk_.take_held(std::move(calls));
  client_.wake();
}

std::size_t WebhookSender::send_once(milliseconds wait) {
  ended_now_ = 0;
  for (auto& call : desk_.collect_taken()) send(std::move(call));
  client_.run_once(ended_now_ > 0 ? milliseconds{0} : wait);
  if (ended_now_ > 0) ended_bell_.ring();
  return ended_now_;
}

void WebhookSender::run(std::stop_token stop) {
  std::stop_callback wake(stop, [this] { client_.wake(); });
  while (!stop.stop_requested()) send_once(milliseconds{1000});
  for (auto& call : desk_.collect_taken()) end(std::move(call), {.outcome = AttemptOutcome::called_off, .error = "the service stops"});
  const auto deadline = clock_.steady() + options_.grace;
  while (client_.in_flight() > 0 && clock_.steady() < deadline) send_once(milliseconds{100});
  ended_bell_.ring();
}

void WebhookSender::send(WebhookCall call) {
  if (call.claim.lease_end - clock_.steady() <= call.endpoint->timeout)
    return end(std::move(call), {.outcome = AttemptOutcome::called_off, .error = "the lease was too short for the call"});
  auto post = make_call(call, clock_.wall());
  base::crash_point("before_webhook");
  sent_.add();
  const auto shared = std::make_shared<WebhookCall>(std::move(call));  // because std::function wants to be copied
  client_.send(std::move(post), [this, shared](const http::Outcome& outcome) {
    base::crash_point("after_webhook");
    call_seconds_.observe(outcome.seconds);
    end(std::move(*shared), read_end(outcome, clock_.wall()));
  });
}

void WebhookSender::end(WebhookCall call, AttemptEnd how) {
  if (how.outcome == AttemptOutcome::called_off) called_off_.add();
  ++ended_now_;
  desk_.end(std::move(call), std::move(how));
}

}  // namespace countersign::outbox
