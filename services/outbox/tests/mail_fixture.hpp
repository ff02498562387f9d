#pragma once

// The mail side of the outbox service, turned by hand, with mail servers that are real or that misbehave.

#include "contracts/mail_messages.hpp"
#include "http/tests/smtp_peer.hpp"
#include "http/tests/sockets.hpp"
#include "outbox/tests/outbox_fixture.hpp"

namespace countersign::outbox::testing {

struct MailboxWish {
  int port = 0;
  std::string tenant = "acme";
  std::string name = "support";
  int version = 1;
  std::string host = "127.0.0.1";
  std::string security = "none";
  std::string user{};
  std::string secret{};
  std::string schedule_ms = "[0, 60000, 60000]";
  std::string when_maybe_sent = "ask";
  bool enabled = true;
};

class MailTest : public OutboxTest {
 protected:
  MailTest();

  void configure_mail(const std::vector<MailboxWish>& mailboxes);
  static contracts::MessageRequested letter(const std::string& ticket = "t1", const std::string& to = "ann@customer.example");
  // Publish with the next sequence of the ticket; the message's id is made of `number`.
  base::Uuid request(contracts::MessageRequested message);
  void withdraw(const contracts::MessageRequested& message, const base::Uuid& id);
  // Consumes what was published.
  void intake_mail(Life& life);
  // Claims once and talks to the servers; does not record. Returns the number of messages claimed.
  std::size_t send_mail(Life& life);
  // send_mail(), then records.
  std::size_t deliver_mail(Life& life);
  // Types and codes of all results so far, in order: "delivered", "dead:withdrawn", "dead:maybe_sent!" when it may have been sent.
  std::vector<std::string> results(Life& life);
  static std::string metric(Life& life, const std::string& name);

 private:
  void publish(const std::string& ticket, const std::string& tenant, std::string_view type, const std::string& data);

  std::map<std::string, std::int64_t> mail_sequences_;
  std::size_t published_ = 0;
  int serial_ = 0;
};

// A server that speaks SMTP well up to the final dot, and then does as it is told.
class CutServer {
 public:
  using Behave = std::function<void(http::testing::Wire&)>;
  explicit CutServer(Behave after_dot = [](http::testing::Wire&) {});
  int port() const { return server_.port(); }
  int dots() const { return dots_; }
  // Of the last message, all that was heard.
  std::string heard() const;

 private:
  void speak(http::testing::Wire& wire);

  Behave after_dot_;
  std::atomic<int> dots_ = 0;
  mutable std::mutex mutex_;
  std::string heard_;
  http::testing::MisbehavingServer server_;
};

}  // namespace countersign::outbox::testing
