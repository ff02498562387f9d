#pragma once

// What the database tests of this room share: a scratch database and a session on it.

#include <gtest/gtest.h>

#include <string>

#include "postgres/session.hpp"
#include "postgres/testing/cutting_proxy.hpp"
#include "postgres/testing/scratch_database.hpp"

namespace countersign::postgres {

class DatabaseTest : public ::testing::Test {
 protected:
  std::int64_t number(const std::string& sql) { return observer.execute({"number", sql.c_str()})[0].get<std::int64_t>(0); }
  void run(const std::string& sql) { observer.execute_script(sql); }

  testing::ScratchDatabase database;
  Session observer{database.settings()};
};

// The text of the exception that `action` throws; empty when it throws none or another.
template <typename Exception, typename Action>
std::string told_by(Action action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
  }
  return "";
}

}  // namespace countersign::postgres
