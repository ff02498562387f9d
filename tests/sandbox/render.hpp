#pragma once

// What the stand-in says, as JSON text, and the one guarded way in which it reads JSON.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sandbox/order_book.hpp"

namespace countersign::sandbox {

std::string problem_text(int status, const base::Refusal& why);
std::string order_text(const Order& order);
std::string payments_text(const Order& order);
std::string refund_preview_text(const Order& before, const Order& after);
std::string refund_text(const Refund& refund);
std::string refunds_text(const std::vector<Refund>& refunds);

// Text of any JSON value; bytes that are not UTF-8 (a header may hold them) become U+FFFD.
std::string to_text(const nlohmann::json& value);
nlohmann::json to_json(const base::Money& money);

// Refuse `malformed_body`. An object at most 64 deep.
base::Result<nlohmann::json> read_object(std::string_view text);
base::Result<std::string> read_string(const nlohmann::json& object, const char* member);
base::Result<base::Money> read_money(const nlohmann::json& object, const char* member);

}  // namespace countersign::sandbox
