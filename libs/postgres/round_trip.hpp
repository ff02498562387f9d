#pragma once

// RoundTrip: sends commands or a script over a connection and reads until the server has answered all of it, is lost, or is too late.
//
// Threads    One thread; lives for one round trip.
// Ownership  Borrows the connection and the commands.

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/sqlstate.hpp"

namespace countersign::postgres {

class RoundTrip {
 public:
  explicit RoundTrip(Connection& connection);

  // Either of these once.
  void send(const std::vector<Command>& commands);
  void send_script(const std::string& sql);

  void receive();
  // The answers, one per command, or the exception for what went wrong.
  std::vector<Rows> settle();

 private:
  // What one stretch of answers belongs to: a command's preparation or its execution.
  struct Step {
    std::size_t command;
    const char* name;
    PreparedStatement* statement;
    bool preparing;
    bool commits;
  };

  void send_command(const Command& command, std::size_t index);
  void prepare(const Command& command, std::size_t index);
  void require_sent(int sent);

  void take_available();
  void take_rest_of_lost();
  void take(PGresult* raw);
  void take_answer(Step& step, std::shared_ptr<PGresult> result);
  void take_failure(Step& step, const PGresult* result);
  bool await(bool unsent);
  Step& current();

  void lose(const std::string& why);
  [[noreturn]] void throw_lost() const;

  Connection& connection_;
  PGconn* raw_;
  std::chrono::steady_clock::time_point until_;
  bool pipelined_ = true;
  std::vector<Step> steps_;
  std::size_t at_ = 0;  // the step whose answer comes next
  bool complete_ = false;
  bool lost_ = false;
  std::string why_lost_;
  std::optional<ServerError> error_;
  bool error_at_commit_ = false;
  bool sent_commit_ = false;
  std::vector<Rows> answers_;
};

}  // namespace countersign::postgres
