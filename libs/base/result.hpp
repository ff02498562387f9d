#pragma once

// Result and Refusal: an answer that the business can give, good or bad.
//
// A Refusal is expected: a stale decision, a duplicate, a message that its schema does not admit. What an operator must fix is an
// exception (errors.hpp); what must never be ends the process (invariant.hpp).

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace countersign::base {

struct Refusal {
  std::string code;    // snake_case, stable, safe for metrics and dead-letter reasons
  std::string detail;  // a sentence for people; says what to do where something can be done

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

template <typename T>
using Result = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(std::string code, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{std::move(code), std::move(detail)});
}

}  // namespace countersign::base
