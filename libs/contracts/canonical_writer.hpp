#pragma once

// write_json: the canonical writer without its refusals, for values that are ours or were read by read_json().

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace countersign::contracts {

std::string write_json(const nlohmann::json& value);

}  // namespace countersign::contracts
