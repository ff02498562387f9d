#pragma once

// KeyLedger: what each idempotency key of one tenant did, and how often.
//
// Whether keys are honoured is the caller's business: the ledger counts executions either way, because an execution that a key
// should have prevented is exactly what the checker looks for.
//
// Threads    One.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace countersign::sandbox {

struct KeyUse {
  std::size_t fingerprint = 0;  // of the path and body that were carried out last
  std::string answer;           // body of the 201 given for it
  std::uint32_t executions = 0;
  std::uint32_t replays = 0;
};

class KeyLedger {
 public:
  KeyUse* find(std::string_view key);
  void note_execution(const std::string& key, std::size_t fingerprint, std::string answer);
  const std::unordered_map<std::string, KeyUse>& uses() const noexcept { return uses_; }

 private:
  std::unordered_map<std::string, KeyUse> uses_;
};

}  // namespace countersign::sandbox
