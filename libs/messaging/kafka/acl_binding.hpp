#pragma once

// Grant ↔ librdkafka's ACL binding.

#include <optional>

#include "messaging/admin.hpp"
#include "messaging/kafka/handles.hpp"

namespace countersign::messaging::kafka {

using AclBinding = std::unique_ptr<rd_kafka_AclBinding_t, Destroy<rd_kafka_AclBinding_destroy>>;

AclBinding binding_of(const Grant& grant);  // throws base::Misconfigured
// Absent: an ACL of a kind that Grant cannot say.
std::optional<Grant> grant_of(const rd_kafka_AclBinding_t* binding);
AclBinding filter_for_all();

}  // namespace countersign::messaging::kafka
