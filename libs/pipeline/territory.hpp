#pragma once

// Territory: the schema a service owns and the topics it may read and write there.
//
// A topic is named here without its realm: `tickets` stands for `tickets` and every `tickets.REALM`. Its place in the lists is its slot in
// key_state.inputs or .outputs, so the lists only ever grow at the end; the database remembers them and a start with others is refused.

#include <string>
#include <vector>

namespace countersign::pipeline {

struct Territory {
  std::string service;  // also the schema
  std::string source;   // ce_source of everything it writes: source_of(service)
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;

  // Positions from 0. A topic outside the lists is an invariant: which topics a service uses is decided in code.
  std::size_t input_slot(const std::string& topic) const;
  std::size_t output_slot(const std::string& topic) const;
};

// What a service calls itself in ce_source: `urn:countersign:executor`
std::string source_of(const std::string& service);

// `tickets.acme` → `tickets`
std::string without_realm(const std::string& topic);

}  // namespace countersign::pipeline
