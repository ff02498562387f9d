#pragma once

// Outbox rows: Outgoing messages to and from the columns of the outbox table.

#include <optional>
#include <vector>

#include "pipeline/outgoing.hpp"
#include "postgres/parameters.hpp"
#include "postgres/rows.hpp"

namespace countersign::pipeline {

// Columns as find_outbox_rows.sql selects them. Absent when the headers are not what outbox_parameters() writes.
std::optional<Outgoing> read_outbox_row(const postgres::Row& row);
// Parameters of insert_outbox.sql.
postgres::Parameters outbox_parameters(const base::Uuid& incarnation, const std::vector<Outgoing>& outgoing);

}  // namespace countersign::pipeline
