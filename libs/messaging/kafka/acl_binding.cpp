#include "messaging/kafka/acl_binding.hpp"

#include <string_view>

#include "base/errors.hpp"

namespace countersign::messaging::kafka {

namespace {

constexpr std::string_view user_prefix = "User:";

rd_kafka_AclOperation_t operation_of(Operation operation) {
  switch (operation) {
    case Operation::read:
      return RD_KAFKA_ACL_OPERATION_READ;
    case Operation::write:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case Operation::describe:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE;
  }
  return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

std::optional<Operation> operation_of(rd_kafka_AclOperation_t operation) {
  switch (operation) {
    case RD_KAFKA_ACL_OPERATION_READ:
      return Operation::read;
    case RD_KAFKA_ACL_OPERATION_WRITE:
      return Operation::write;
    case RD_KAFKA_ACL_OPERATION_DESCRIBE:
      return Operation::describe;
    default:
      return std::nullopt;
  }
}

}  // namespace

AclBinding binding_of(const Grant& grant) {
  const auto principal = std::string(user_prefix) + grant.user;
  char problem[512] = {};
  AclBinding binding(
      rd_kafka_AclBinding_new(grant.resource == Resource::topic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_GROUP, grant.name.c_str(),
                              grant.prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(),
                              "*", operation_of(grant.operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, problem, sizeof problem));
  if (!binding) throw base::Misconfigured("grant for " + grant.user + " on " + grant.name + " is not acceptable: " + problem);
  return binding;
}

std::optional<Grant> grant_of(const rd_kafka_AclBinding_t* binding) {
  const std::string_view principal = rd_kafka_AclBinding_principal(binding);
  const auto type = rd_kafka_AclBinding_restype(binding);
  const auto operation = operation_of(rd_kafka_AclBinding_operation(binding));
  const bool ours = principal.starts_with(user_prefix) && operation && std::string_view(rd_kafka_AclBinding_host(binding)) == "*" &&
                    (type == RD_KAFKA_RESOURCE_TOPIC || type == RD_KAFKA_RESOURCE_GROUP) &&
                    rd_kafka_AclBinding_permission_type(binding) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW;
  if (!ours) return std::nullopt;
  const bool prefixed = rd_kafka_AclBinding_resource_pattern_type(binding) == RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
  return Grant{std::string(principal.substr(user_prefix.size())), type == RD_KAFKA_RESOURCE_TOPIC ? Resource::topic : Resource::group,
               rd_kafka_AclBinding_name(binding), prefixed, *operation};
}

AclBinding filter_for_all() {
  char problem[512] = {};
  return AclBinding(rd_kafka_AclBindingFilter_new(RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY, nullptr, nullptr,
                                                  RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, problem, sizeof problem));
}

}  // namespace countersign::messaging::kafka
