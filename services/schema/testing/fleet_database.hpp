#pragma once

// A scratch database with the whole fleet's schema, for tests.

#include "postgres/testing/scratch_database.hpp"
#include "schema/schema.hpp"

namespace countersign::schema {

inline constexpr const char* test_password = "scratch";

inline postgres::testing::Blueprint fleet_blueprint() {
  postgres::testing::Blueprint blueprint;
  blueprint.name = "fleet";
  blueprint.migrations = all_migrations();
  blueprint.before = [](postgres::Session& admin) { ensure_roles(admin, [](const std::string&) { return base::Secret{test_password}; }); };
  return blueprint;
}

// As the service itself connects: its role, its schema.
inline postgres::ConnectionSettings settings_as(const postgres::testing::ScratchDatabase& database, const std::string& service) {
  auto settings = database.settings_of(role_of(service), test_password);
  settings.search_path = service;
  return settings;
}

}  // namespace countersign::schema
