#pragma once

// The four things that can go wrong outside the business. Adapters translate at their border, with a hint for the operator in the text.

#include <stdexcept>
#include <string>
#include <utility>

namespace countersign::base {

// The other side is not there or not ready: the loop retries with backoff.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A race was lost (deadlock, serialization, lock timeout): the same transaction may be tried again at once.
class Conflict : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The other side will never accept this: set it aside.
class Rejected : public std::runtime_error {
 public:
  Rejected(std::string code, const std::string& what) : std::runtime_error(what), code_(std::move(code)) {}
  // The other side's own code, such as a SQLSTATE; empty when it has none.
  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

// A setting, a grant or a schema is wrong: exit 78 at start.
class Misconfigured : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace countersign::base
