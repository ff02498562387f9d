#pragma once

// delivery_id: the id of the delivery of a message to an endpoint.
//
// It follows from what is delivered to whom, so a message that comes a second time meets its delivery by the primary key. A version 8 UUID
// (RFC 9562): the milliseconds of the message's own version 7 id, that ids lie in the index in the order of their making, then a digest. A
// message with another kind of id gets digest alone.

#include <string>

#include "base/uuid.hpp"

namespace countersign::outbox {

base::Uuid delivery_id(const std::string& tenant, const std::string& endpoint, const std::string& message);

}  // namespace countersign::outbox
