#include "contracts/json.hpp"

#include <nlohmann/json.hpp>

#include "contracts/canonical_writer.hpp"

namespace countersign::contracts {

namespace {

using Shared = std::shared_ptr<const nlohmann::json>;

const Shared& shared_null() {
  static const Shared value = std::make_shared<nlohmann::json>();
  return value;
}

}  // namespace

Json::Json() : value_(shared_null()) {}
Json::Json(nlohmann::json value) : value_(std::make_shared<const nlohmann::json>(std::move(value))) {}

Json Json::object() {
  static const Json empty{nlohmann::json::object()};
  return empty;
}

Json Json::array() {
  static const Json empty{nlohmann::json::array()};
  return empty;
}

bool Json::is_null() const noexcept { return value_->is_null(); }

std::string Json::text() const { return write_json(*value_); }

bool Json::equals(const Json& other) const { return value_ == other.value_ || *value_ == *other.value_; }

}  // namespace countersign::contracts
