#pragma once

// EventLine: one line of a file of ticket events, and the record that says the same on Kafka.
//
//     {"type": "ticket.closed", "tenant": "acme", "ticket_id": "t-1", "reason": "done"}
//     {"type": "ticket.closed", "id": "e-77", "data": {"tenant": "acme", "ticket_id": "t-1"}}
//
// `type`, `id`, `source` and `time` are the envelope's; everything else is data, unless there is a `data`. An event without an id gets one
// that is derived from its text and from how many equal lines came before, so that publishing a file twice publishes nothing twice.
//
// Failure    Refuses with line_malformed, id_invalid, or what the schema of the type refuses (when checked).

#include <map>
#include <string>

#include "base/result.hpp"
#include "messaging/message.hpp"

namespace countersign::cli {

struct EventDefaults {
  std::string topic;
  std::string source;
  bool checked = true;  // data must satisfy its schema
};

class EventLineReader {
 public:
  explicit EventLineReader(EventDefaults defaults) : defaults_(std::move(defaults)) {}
  // Lines must be read in the order of the file.
  base::Result<messaging::Record> read(const std::string& line);

 private:
  EventDefaults defaults_;
  std::map<std::string, int> seen_;  // digest of a line → how often
};

}  // namespace countersign::cli
