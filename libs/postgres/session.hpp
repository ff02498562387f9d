#pragma once

// Session: one connection to PostgreSQL. Transaction: a transaction on it that sends many statements in one round trip.
//
//     Transaction transaction{session};
//     auto tickets = transaction.queue(sql::find_tickets, Parameters{}.add(keys));
//     auto runs = transaction.queue(sql::find_runs, Parameters{}.add(keys));
//     transaction.flush();                                    // BEGIN and both statements: one round trip
//     for (auto row : transaction.take(tickets)) …
//     transaction.queue(sql::write_tickets, …);
//     transaction.commit();                                   // the write and COMMIT: one round trip
//
// A statement is prepared on a session the first time it is used there, in the round trip that uses it. A session never reconnects by
// itself: a broken one stays broken, so that locks, prepared statements and settings are never silently gone.
//
// Threads    One thread at a time.
// Failure    By SQLSTATE: base::Conflict (40001, 40P01, 55P03), base::Unavailable (08, 53, 57, a lost connection, a session that the server
//            ended), base::Rejected with the SQLSTATE for everything else, base::Misconfigured for 28, 3D, 42501 at connect. CommitInDoubt:
//            see below. sqlstate.hpp tells which Rejected will be refused every time.
// Time       No round trip takes longer than client_deadline; a session that exceeds it is broken.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/secret.hpp"
#include "postgres/parameters.hpp"
#include "postgres/rows.hpp"
#include "postgres/settings.hpp"
#include "postgres/statement.hpp"

namespace countersign::postgres {

class Connection;
struct Command;

// The connection was lost after COMMIT was sent and before it was answered: the transaction may or may not have happened.
class CommitInDoubt : public base::Unavailable {
 public:
  using base::Unavailable::Unavailable;
};

class Session {
 public:
  explicit Session(const ConnectionSettings& settings);  // connects; throws Unavailable or Misconfigured
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One statement outside a transaction, in a round trip of its own. A lost connection leaves open whether it happened: writes for which
  // that matters belong in a Transaction.
  Rows execute(const Statement& statement, const Parameters& parameters = {});
  // Any number of statements without parameters, as one string. For migrations and tests. Inside an open Transaction it is part of it.
  void execute_script(const std::string& sql);

  bool broken() const noexcept;
  // Looks, without waiting, whether the server has closed an idle connection; such a session is broken afterwards.
  bool still_connected() noexcept;
  bool in_transaction() const noexcept;
  int backend_pid() const noexcept;

  // For statements that cannot have parameters, such as CREATE ROLE.
  std::string quoted_literal(std::string_view text) const;
  std::string quoted_identifier(std::string_view name) const;
  // The SCRAM-SHA-256 verifier, so that the password itself never travels or shows in the server's log.
  std::string scram_verifier(const std::string& role, const base::Secret& password) const;

 private:
  friend class Transaction;
  std::unique_ptr<Connection> connection_;
};

class Transaction {
 public:
  using Claim = std::size_t;  // stands for the answer of a queued statement

  explicit Transaction(Session& session);  // queues BEGIN; nothing is sent yet
  ~Transaction();                          // rolls back unless committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Sends with the next flush(), execute() or commit().
  Claim queue(const Statement& statement, Parameters parameters = {});
  // One round trip for all that is queued. Throws the first error among them; the transaction is then rolled back and over.
  void flush();
  // The answer of a flushed statement. Each may be taken once.
  Rows take(Claim claim);
  // queue, flush, take.
  Rows execute(const Statement& statement, Parameters parameters = {});
  // Sends what is queued and COMMIT in one round trip. CommitInDoubt when the connection is lost on the way; any other error means that
  // nothing was committed. Without anything sent or queued there is no round trip. Answers can still be taken afterwards.
  void commit();
  void rollback() noexcept;
  bool over() const noexcept { return over_; }

 private:
  void round_trip(bool commit);
  void refuse_when_over() const;

  Session& session_;
  std::vector<Command> queued_;
  std::vector<Claim> claims_;  // of queued_, without BEGIN
  std::map<Claim, Rows> answers_;
  Claim next_ = 0;
  bool begun_ = false;
  bool over_ = false;
};

}  // namespace countersign::postgres
