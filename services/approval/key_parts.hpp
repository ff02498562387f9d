#pragma once

// parts_of: whom a batch's key is about.

#include <string_view>

#include "contracts/message_key.hpp"

namespace countersign::approval {

// Both empty when the key is none: then whatever the message says contradicts it.
inline contracts::MessageKey parts_of(std::string_view key) { return contracts::split_key(key).value_or(contracts::MessageKey{}); }

}  // namespace countersign::approval
