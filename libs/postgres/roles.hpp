#pragma once

// Roles: the login roles of the services. What a role may do is granted by migrations; here it gets its name and password.
//
// Promise    The password is turned into a SCRAM verifier before it is sent, so it is in no server log and no pg_stat_activity.
// Failure    base::Misconfigured when the role is one that row-level security or grants would not bind. Of the password file: as
//            base/secret_line.hpp.

#include <string>

#include "base/secret.hpp"
#include "postgres/session.hpp"

namespace countersign::postgres {

// Creates the role, or gives the existing one this password and the right to log in. The first line of the file is the password.
void ensure_login_role(Session& session, const std::string& role, const std::string& password_file);
void ensure_login_role(Session& session, const std::string& role, const base::Secret& password);

}  // namespace countersign::postgres
