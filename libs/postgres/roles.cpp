#include "postgres/roles.hpp"

#include "base/secret_line.hpp"

namespace countersign::postgres {

namespace {

// Two at once would fail with "tuple concurrently updated"; the lock ends with the transaction.
constexpr Statement lock_roles{"lock_roles", "SELECT pg_advisory_xact_lock(hashtext('countersign roles'))::text"};
constexpr Statement find_role{"find_role", "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = $1::text"};

}  // namespace

void ensure_login_role(Session& session, const std::string& role, const std::string& password_file) {
  ensure_login_role(session, role, base::read_secret_line(password_file, "the password file"));
}

void ensure_login_role(Session& session, const std::string& role, const base::Secret& password) {
  if (role.empty() || password.empty()) throw base::Misconfigured("a login role needs a name and a password");
  Transaction transaction{session};
  transaction.execute(lock_roles);
  const Rows found = transaction.execute(find_role, Parameters{}.add(role));
  if (!found.empty() && found[0].get<bool>(0)) {
    throw base::Misconfigured("role " + role + " is a superuser or bypasses row-level security. Hint: a service needs a role of its own");
  }
  const std::string verifier = session.scram_verifier(role, password);
  session.execute_script((found.empty() ? "CREATE ROLE " : "ALTER ROLE ") + session.quoted_identifier(role) + " LOGIN PASSWORD " +
                         session.quoted_literal(verifier));
  transaction.commit();
}

}  // namespace countersign::postgres
