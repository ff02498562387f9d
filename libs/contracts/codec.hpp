#pragma once

// Codec: message structs ↔ JSON.
//
// Members that a struct does not know are ignored, because compatible versions only add; a known member of the wrong type or outside
// its bounds is refused. For every type the verdict equals that of its schema under schemas/messages, and a test holds both to it.
//
// Failure    decode refuses with type_unknown, member_missing, member_invalid, or what guarded_json.hpp refuses. The detail names the
//            member by its pointer.
// Threads    Any thread.

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

base::Result<Event> decode(std::string_view type, std::string_view data);
base::Result<Event> decode_value(std::string_view type, nlohmann::json&& data);  // takes its texts and parts
base::Result<Event> decode_value(std::string_view type, const nlohmann::json& data);

// One of the alternatives of Event.
template <typename M>
concept Message = std::is_constructible_v<Event, std::in_place_type_t<M>, M>;

// Canonical JSON.
template <Message M>
std::string encode(const M& message);
std::string encode(const Event& event);

// For storing and loading single parts, in the same form as inside a message.
std::string encode(const std::vector<EffectSummary>& effects);
base::Result<std::vector<EffectSummary>> decode_effects(std::string_view text);
std::string encode(const Resolution& resolution);
base::Result<Resolution> decode_resolution(std::string_view text);

std::string_view type_of(const Event& event);
bool known_type(std::string_view type);
// "urn:countersign:schema:ticket.opened:v1"
std::string schema_id(std::string_view type);

// The ids that every message repeats in its data.
std::string_view tenant_of(const Event& event);
std::string_view ticket_of(const Event& event);

}  // namespace countersign::contracts
