#pragma once

// Dead letters: messages that could not be understood, or that nothing can be done with, kept byte for byte with the reason.
//
// One row in the service's dead_letter table and one copy on the topic `dead-letters`, in the transaction that advances past the message.

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/batch.hpp"
#include "postgres/parameters.hpp"

namespace countersign::pipeline {

inline constexpr const char* dead_letter_topic = "dead-letters";

// What the stage sets aside for; handlers have codes of their own. A message that is only `unhandled` may be looked at once more, to answer
// whoever waits for it; the others may not be touched again.
inline constexpr std::string_view unhandled = "unhandled";  // no process survived it
inline constexpr std::string_view deadly = "deadly";        // nor setting it aside
inline constexpr std::string_view rejected_by_database = "rejected_by_database";

// The copy: key, value and headers of the original, then where it came from and why it is here.
Outgoing make_dead_letter_copy(const base::Uuid& id, const messaging::Message& message, const std::string& group,
                               const base::Refusal& refusal);
// Parameters of insert_dead_letters.sql; `copies` in the same order as `dead`.
postgres::Parameters dead_letter_parameters(const std::string& group, const std::vector<Batch::SetAside>& dead,
                                            const std::vector<Outgoing>& copies);

}  // namespace countersign::pipeline
