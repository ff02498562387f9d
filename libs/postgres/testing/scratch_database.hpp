#pragma once

// ScratchDatabase: an empty or migrated database of its own for a test, dropped at the end.
//
// The migrations run once per server, into a template named after their digest; each ScratchDatabase is a copy of it, which takes a
// quarter of a second, so a suite of many small tests may share one. Roles belong to the server and are shared by all its databases:
// create them in `before`, idempotently (roles.hpp does), so that the migrations can grant to them.
//
// Threads    Any, one database per thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "postgres/migrator.hpp"
#include "postgres/session.hpp"
#include "postgres/testing/scratch_server.hpp"

namespace countersign::postgres::testing {

struct Blueprint {
  std::string name = "empty";  // change it when `before` or `after` change what they do
  std::vector<Migration> migrations;
  Migrator::Substitutions substitutions;
  std::function<void(Session& admin)> before;  // in the template, ahead of the migrations
  std::function<void(Session& admin)> after;   // in the template, after them
};

class ScratchDatabase {
 public:
  explicit ScratchDatabase(const Blueprint& blueprint = {}, ScratchServer& server = ScratchServer::shared());
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  const std::string& name() const { return name_; }
  ScratchServer& server() const { return server_; }
  // The administrator's settings for this database, and those of a role that `before` created.
  ConnectionSettings settings() const;
  ConnectionSettings settings_of(const std::string& role, const std::string& password) const;
  std::unique_ptr<Session> connect() const { return std::make_unique<Session>(settings()); }

 private:
  ScratchServer& server_;
  std::string name_;
};

}  // namespace countersign::postgres::testing
