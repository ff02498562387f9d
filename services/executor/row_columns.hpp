#pragma once

// Rows on their way to the database: a statement takes one array per column.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/named_enum.hpp"
#include "executor/case.hpp"
#include "postgres/parameters.hpp"

namespace countersign::executor {

// A thing of a ticket that is to be written. Borrows both.
template <typename T>
struct Owned {
  const Ticket& ticket;
  const T& thing;
};

template <typename Items, typename Read>
auto column(const Items& items, Read read) {
  std::vector<decltype(read(items.front()))> values;
  values.reserve(items.size());
  for (const auto& item : items) values.push_back(read(item));
  return values;
}

// What every table of things begins with: tenant_id, ticket_id.
template <typename T>
postgres::Parameters owners(const std::vector<Owned<T>>& rows) {
  postgres::Parameters parameters;
  parameters.add(column(rows, [](const auto& row) { return row.ticket.tenant; }));
  parameters.add(column(rows, [](const auto& row) { return row.ticket.id; }));
  return parameters;
}

template <typename E>
std::string word(E value) {
  return std::string(domain::name_of(value));
}

// As string_to_array takes them apart.
inline std::string joined(const std::vector<std::string>& codes) {
  std::string text;
  for (const auto& code : codes) text += (text.empty() ? "" : " ") + code;
  return text;
}

}  // namespace countersign::executor
