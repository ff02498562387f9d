#pragma once

// What planner and executor must say alike about a message on `tickets`, or their versions of a ticket would part.
//
// A source may send an event again; the same content under the same id is the same event, other content is a contradiction. Content is the
// type and the data in canonical form, so that white space and the order of members make no difference.
//
// Threads    Any thread.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace countersign::contracts {

// Whether a type on `tickets` concerns us; all others are skipped undecoded and count for nothing.
bool ticket_event(std::string_view type) noexcept;

// What an event's digest is made over: "ticket.closed\n{…}". Refuses as canonical_json does.
base::Result<std::string> ticket_identity(std::string_view type, const nlohmann::json& data);

}  // namespace countersign::contracts
