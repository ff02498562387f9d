#pragma once

// SchemaSet: JSON Schemas (draft-07) that were compiled into the program, and the check of a value against one of them.
//
// A pattern is tried only on text of at most 256 bytes, because the regular expression engine behind it recurses per character;
// longer text does not match.
//
// Promise    Every schema compiles: the set is built once, and a broken schema ends the process at first use.
// Threads    Immutable: any thread.
// Failure    check refuses with schema_unknown or schema_violated; the detail lists up to five places and reasons.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

class SchemaSet {
 public:
  static const SchemaSet& of_messages();   // by type: ticket.opened
  static const SchemaSet& of_documents();  // by kind: tool

  base::Result<void> check(std::string_view name, const nlohmann::json& value) const;
  std::vector<std::string> names() const;
  // The schema's own text; absent is empty.
  std::string_view text(std::string_view name) const;
  ~SchemaSet();

 private:
  struct State;
  explicit SchemaSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A schema that arrived at run time, such as a tool's argument schema. Same rules about patterns.
//
// Failure    compile refuses with schema_invalid: not draft-07 as the validator knows it, or a reference that leaves the document.
class CompiledSchema {
 public:
  CompiledSchema() = default;  // accepts nothing
  static base::Result<CompiledSchema> compile(const nlohmann::json& schema);
  base::Result<void> check(const nlohmann::json& value) const;

 private:
  struct State;
  explicit CompiledSchema(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// The way in for what outsiders send: guarded reading, then the schema, then the struct.
base::Result<Event> decode_edge(std::string_view type, std::string_view data);

}  // namespace countersign::contracts
