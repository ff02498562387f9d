#pragma once

// Findings: rows that a statement builds as JSON objects, for commands that only show things.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "postgres/session.hpp"

namespace countersign::cli {

// Every row's first column is a JSON object. In a read-only transaction, so that showing cannot change anything.
std::vector<nlohmann::json> find_objects(postgres::Session& session, const postgres::Statement& statement,
                                         const postgres::Parameters& parameters = {});

}  // namespace countersign::cli
