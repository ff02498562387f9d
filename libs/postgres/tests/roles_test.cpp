#include "postgres/roles.hpp"

#include <cstdio>
#include <fstream>

#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

class RolesTest : public DatabaseTest {
 protected:
  ~RolesTest() override { run("DROP ROLE IF EXISTS " + observer.quoted_identifier(role)); }
  const std::string role = "test \"role\" of " + database.name();
  const std::string file = ::testing::TempDir() + database.name() + "_password";
};

TEST_F(RolesTest, CreatesALoginWithTheFirstLineAsPassword) {
  std::ofstream(file) << "it's \\ secret\nnot this\n";
  ensure_login_role(observer, role, file);
  std::remove(file.c_str());
  EXPECT_NO_THROW(Session{database.settings_of(role, "it's \\ secret")});
  EXPECT_THROW(Session{database.settings_of(role, "not this")}, base::Misconfigured);
}

TEST_F(RolesTest, ChangesThePasswordOfAnExistingRole) {
  ensure_login_role(observer, role, base::Secret{"old"});
  ensure_login_role(observer, role, base::Secret{"new"});
  EXPECT_NO_THROW(Session{database.settings_of(role, "new")});
  EXPECT_THROW(Session{database.settings_of(role, "old")}, base::Misconfigured);
}

TEST_F(RolesTest, StoresOnlyAVerifier) {
  ensure_login_role(observer, role, base::Secret{"secret"});
  const auto stored = observer.execute({"stored", "SELECT rolpassword FROM pg_authid WHERE rolname = $1::text"}, Parameters{}.add(role));
  EXPECT_EQ(stored[0].get<std::string>(0).rfind("SCRAM-SHA-256$", 0), 0U);
}

TEST_F(RolesTest, RefusesASuperuserAndAnEmptyPassword) {
  run("CREATE ROLE " + observer.quoted_identifier(role) + " SUPERUSER");
  EXPECT_THROW(ensure_login_role(observer, role, base::Secret{"secret"}), base::Misconfigured);
  EXPECT_THROW(ensure_login_role(observer, role, base::Secret{""}), base::Misconfigured);
}

}  // namespace
}  // namespace countersign::postgres
