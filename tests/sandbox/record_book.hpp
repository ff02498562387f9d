#pragma once

// RecordBook: one tenant's records that are not orders: customers, their ticket histories, articles, policies, drafts, stock counts,
// shipments. A record is a JSON object with an `id`, in a collection; what may be done to it stands in record_action.cpp.
//
// Promise    Every deed raises the record's `version` by one and is kept, to be found by its key.
// Not ours   Idempotency keys: key_ledger.hpp. What is asked for twice is done twice.
// Threads    One.

#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace countersign::sandbox {

// What was done to a record.
struct Deed {
  std::string noun;  // credit, closing, …
  std::string collection;
  std::string record;
  std::string key;   // empty when the caller sent none
  std::string text;  // what the caller was told
};

class RecordBook {
 public:
  // Replaces what has the same id. Refuses `malformed_body` for a record without an id.
  base::Result<void> put(const std::string& collection, const nlohmann::json& record);
  const std::string* find(std::string_view collection, std::string_view id) const;  // JSON text, as it was put

  // Another hand than the fleet's: a merge patch (RFC 7396), and the version goes up. Refuses `unknown_record`.
  base::Result<void> change(const std::string& collection, const std::string& id, const nlohmann::json& patch);

  const Deed& note_deed(Deed deed);
  std::size_t deeds() const noexcept { return deeds_.size(); }
  // An empty key: all of them.
  std::vector<const Deed*> deeds_on(std::string_view collection, std::string_view record, std::string_view noun,
                                    std::string_view key) const;

 private:
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> collections_;
  std::deque<Deed> deeds_;
};

// The record's version plus one; a record that was put without one is at 1.
void raise_version(nlohmann::json& record);

}  // namespace countersign::sandbox
