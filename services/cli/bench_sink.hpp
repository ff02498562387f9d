#pragma once

// BenchSink: receives the webhooks of a benchmark, checks their signatures and writes their receipt into the book.
//
//     POST /{tenant}/webhooks ──▶ 204, or 401 when the signature does not hold (which the book does not hear of)
//
// Threads    Its server's; the counts from any thread.
// Ownership  Borrows the book and telemetry.
// Time       A receipt is stamped when its handler begins: after the request was read, before it is checked.

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "cli/bench_book.hpp"
#include "crypto/webhook_signature.hpp"
#include "http/server.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::cli {

class BenchSink {
 public:
  // `secrets`: tenant → the text of its webhook secret. Throws base::Misconfigured when the port is taken or a secret is none.
  BenchSink(BenchBook& book, std::uint16_t port, const std::map<std::string, std::string>& secrets, std::string expected_type,
            telemetry::Telemetry telemetry);

  std::uint16_t port() const noexcept { return server_->port(); }
  void stop() { server_->stop(std::chrono::milliseconds{500}); }

  std::uint64_t forged() const noexcept { return forged_; }          // signature does not hold
  std::uint64_t foreign() const noexcept { return foreign_; }        // of a ticket that is not in the book
  std::uint64_t unexpected() const noexcept { return unexpected_; }  // of another type than a ticket of this benchmark should end with

 private:
  http::Response receive(const http::Request& request);

  BenchBook& book_;
  std::string expected_type_;
  std::map<std::string, crypto::WebhookVerifier> verifiers_;
  std::atomic<std::uint64_t> forged_{0};
  std::atomic<std::uint64_t> foreign_{0};
  std::atomic<std::uint64_t> unexpected_{0};
  std::unique_ptr<http::Server> server_;  // last: it calls receive()
};

}  // namespace countersign::cli
