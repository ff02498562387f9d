#include "contracts/headers_json.hpp"

#include <nlohmann/json.hpp>

namespace countersign::contracts {

std::string headers_to_json(const base::Headers& headers) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : headers) object[name] = value;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace countersign::contracts
