#pragma once

// write_json: the canonical writer without its refusals, for values that are ours or were read by read_json(). The others add to a text.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace countersign::contracts {

std::string write_json(const nlohmann::json& value);

void append_json(const nlohmann::json& value, std::string& text);
void append_text(const std::string& value, std::string& text);
void append_number(std::int64_t value, std::string& text);

}  // namespace countersign::contracts
