#pragma once

// Schema: every migration and every database role of the fleet, in the order in which they are applied.
//
//     core, configuration, audit  ─▶  for each service: the processing core's tables in its schema, then its own
//
// Whoever prepares a database uses this: `countersign migrate` and the tests.

#include <functional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "postgres/migrator.hpp"
#include "postgres/session.hpp"

namespace countersign::schema {

// Services that own a schema; each has the role countersign_NAME.
const std::vector<std::string>& services();
std::string role_of(const std::string& service);

// With schema and role names filled in.
std::vector<postgres::Migration> all_migrations();

// Creates the roles that the migrations grant to; existing ones get the password again. Before all_migrations().
void ensure_roles(postgres::Session& admin, const std::function<base::Secret(const std::string& service)>& password_of);

}  // namespace countersign::schema
