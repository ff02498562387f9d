#pragma once

// What the executor's tables hold, column by column, as it was stored. Columns count from 0; an empty text is stored as null.

#include <cstdint>
#include <optional>
#include <string>

#include "base/invariant.hpp"
#include "contracts/json.hpp"
#include "domain/named_enum.hpp"
#include "postgres/rows.hpp"

namespace countersign::executor {

// Null for a null column. `kept`: of type json, which keeps the text as it was written; `stored`: of type jsonb, which does not.
contracts::Json kept_json(const postgres::Row& row, int column);
contracts::Json stored_json(const postgres::Row& row, int column);
std::string stored_text(const postgres::Row& row, int column);
std::int32_t stored_int(const postgres::Row& row, int column);

std::optional<std::string> text_or_null(const contracts::Json& value);
std::optional<std::string> text_or_null(const std::string& text);

// The enumerator that a column names.
template <typename E>
E stored_word(const postgres::Row& row, int column) {
  const auto word = domain::find_named<E>(row.get<std::string>(column));
  COUNTERSIGN_INVARIANT(word.has_value(), "the table admits the words of its enum only");
  return *word;
}

}  // namespace countersign::executor
