#pragma once

// The texts behind the two keys that keep an effect from happening twice. Hashing them is the crypto room's work.
//
// Every part is written as its length in bytes, a colon, the bytes and a comma, so that no two different lists of parts give the same
// text: ("ab", "c") is `2:ab,1:c,` and ("a", "bc") is `1:a,2:bc,`. The first part names the kind and version of the key.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/pointer.hpp"
#include "domain/value.hpp"

namespace countersign::domain {

// One effect: the same for every attempt. A tool that honours keys gets its hash.
struct StepIdentity {
  std::string_view tenant;
  std::string_view ticket;
  std::int64_t run = 0;
  std::int64_t step = 0;
};
std::string idempotency_key_text(const StepIdentity& step);

// One operation on one target, whatever the ticket, the tool's other arguments and the amount: two refunds of one order are the same
// operation, also when one of them is a cent less.
struct OperationIdentity {
  std::string_view tenant;
  std::string_view operation;
  std::string_view target;  // as operation_target_text gives it
};
std::string operation_key_text(const OperationIdentity& operation);

// The target in its canonical form: the arguments at these pointers, in this order, with their types.
// Refuses with `operation_target_absent` where one is missing, null or empty text, and `operation_target_invalid` where it is a list or an
// object.
base::Result<std::string> operation_target_text(const Value& arguments, const std::vector<Pointer>& key);

}  // namespace countersign::domain
