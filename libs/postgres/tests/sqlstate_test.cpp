#include "postgres/sqlstate.hpp"

#include <gtest/gtest.h>

namespace countersign::postgres {
namespace {

void raise(const std::string& sqlstate, bool fatal = false) { throw_server_error({"do_it", sqlstate, "message", "", fatal}); }

TEST(SqlstateTest, TellsWhatAMessageCanBeSetAsideFor) {
  for (const char* code : {"22021", "22P02", "22003", "23502", "23503", "23514", "23P01"}) EXPECT_TRUE(permanent({code, ""})) << code;
  for (const char* code : {"23505", "08006", "25P02", "40001", "53100", "55P03", "57014", "58030", "42P01", "0A000", "XX000", ""}) {
    EXPECT_FALSE(permanent({code, ""})) << code;
  }
}

TEST(SqlstateTest, SortsErrorsByTheirCode) {
  for (const char* code : {"40001", "40P01", "55P03"}) EXPECT_THROW(raise(code), base::Conflict) << code;
  for (const char* code : {"08006", "53300", "57P01", "57014"}) EXPECT_THROW(raise(code), base::Unavailable) << code;
  for (const char* code : {"22021", "23505", "42P01", "25P02", "58030"}) EXPECT_THROW(raise(code), base::Rejected) << code;
  EXPECT_THROW(raise("25P03", true), base::Unavailable);
}

TEST(SqlstateTest, NamesStatementCodeMessageAndHint) {
  try {
    throw_server_error({"find_it", "42P01", "relation \"x\" does not exist", "", false});
  } catch (const base::Rejected& error) {
    const std::string text = error.what();
    for (const char* part : {"find_it", "42P01", "does not exist", "countersign migrate"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(error.code(), "42P01");
  }
}

TEST(SqlstateTest, TellsAWrongSettingFromAnAbsentServer) {
  for (const char* code : {"28P01", "28000", "3D000", "42501"}) EXPECT_THROW(throw_connect_error(code, ""), base::Misconfigured) << code;
  for (const char* code : {"", "57P03", "53300"}) EXPECT_THROW(throw_connect_error(code, ""), base::Unavailable) << code;
}

}  // namespace
}  // namespace countersign::postgres
