#pragma once

// SQLSTATE: what the server's five-letter codes mean to us. The text of a message is for people only; nothing is decided by it.
// Source     PostgreSQL documentation, appendix A.

#include <string>
#include <string_view>

#include "base/errors.hpp"

namespace countersign::postgres {

// Will the same data be refused every time? Then the message that carries it can be set aside. True for class 22 (data) and 23 (constraint)
// other than 23505, which a concurrent writer may have caused. False for everything that an operator, a retry or a release cures.
bool permanent(const base::Rejected& rejected) noexcept;

// What the server said about a statement that failed.
struct ServerError {
  std::string statement;
  std::string sqlstate;
  std::string message;     // primary text only: the detail may quote rows
  std::string constraint;  // the constraint, table or column it is about, if any
  bool fatal = false;      // the session ended with it
};

// Throws the exception that session.hpp promises for the error.
[[noreturn]] void throw_server_error(const ServerError& error);
// The same for an error while connecting, where a wrong password, database or grant is Misconfigured.
[[noreturn]] void throw_connect_error(const std::string& sqlstate, const std::string& text);

}  // namespace countersign::postgres
