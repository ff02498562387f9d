#pragma once

// RecordAction: what may be done to a record, one line of a table each, and what it would change, without changing it.
//
//     POST /{t}/{collection}/{id}/{noun}s           does it
//     POST /{t}/{collection}/{id}/{noun}-previews   {"before":…, "after":…, "note":…}, and nothing happens
//     GET  /{t}/{collection}/{id}/{noun}s[?key=K]   {"{noun}s":[…]}: the reconcile read
//
// A noun may make a record in another collection: drafts of a ticket, which itself is no record here.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "sandbox/record_book.hpp"

namespace countersign::sandbox {

struct RecordAction {
  std::string_view collection;
  std::string_view noun;
  std::vector<const char*> shown;  // members of the record that tell what it changes
  const char* note;                // for whoever looks at the preview
  const char* makes_in;            // collection of the record that it makes; null: changes the record of the path
  base::Result<void> (*apply)(nlohmann::json& record, const nlohmann::json& body);
};

// What a path asks of which record. `action` null: no such thing.
struct RecordCall {
  const RecordAction* action = nullptr;
  std::string record;
  bool preview = false;
};

RecordCall find_record_call(std::string_view path);

struct RecordChange {
  std::string answer;  // JSON for the caller
  std::string target;
  base::Money amount;  // currency empty: no money moved
};

// Refuse `malformed_body`, `unknown_record` and what the action refuses.
base::Result<std::string> preview(const RecordCall& call, const nlohmann::json& body, const RecordBook& book);
base::Result<RecordChange> carry_out(const RecordCall& call, const nlohmann::json& body, std::string key, RecordBook& book);
std::string deeds_text(const RecordCall& call, std::string_view key, const RecordBook& book);

}  // namespace countersign::sandbox
