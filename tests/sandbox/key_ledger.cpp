#include "sandbox/key_ledger.hpp"

namespace countersign::sandbox {

KeyUse* KeyLedger::find(std::string_view key) {
  const auto found = uses_.find(std::string(key));
  return found == uses_.end() ? nullptr : &found->second;
}

void KeyLedger::note_execution(const std::string& key, std::size_t fingerprint, std::string answer) {
  auto& use = uses_[key];
  use.fingerprint = fingerprint;
  use.answer = std::move(answer);
  ++use.executions;
}

}  // namespace countersign::sandbox
