#include "executor/stored_row.hpp"

#include "contracts/guarded_json.hpp"

namespace countersign::executor {

contracts::Json kept_json(const postgres::Row& row, int column) {
  auto text = row.get<std::optional<std::string>>(column);
  return text ? contracts::Json::stored(std::move(*text)) : contracts::Json{};
}

contracts::Json stored_json(const postgres::Row& row, int column) {
  const auto text = row.get<std::optional<std::string>>(column);
  if (!text) return {};
  auto value = contracts::read_shared_json(*text, contracts::stored_limits);
  COUNTERSIGN_INVARIANT(value.has_value(), "what was stored as JSON can be read again");
  return std::move(*value);
}

std::string stored_text(const postgres::Row& row, int column) { return row.get<std::optional<std::string>>(column).value_or(""); }

std::int32_t stored_int(const postgres::Row& row, int column) { return static_cast<std::int32_t>(row.get<std::int64_t>(column)); }

std::optional<std::string> text_or_null(const contracts::Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.text());
}

std::optional<std::string> text_or_null(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

}  // namespace countersign::executor
