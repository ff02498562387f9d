#pragma once

// ConnectionSettings: how to reach a database and how long to wait for it.
//
// `conninfo` is any libpq connection string or URI, TLS settings included. What it says wins; what it leaves open is filled in from the
// other fields.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace countersign::postgres {

struct ConnectionSettings {
  std::string conninfo;
  std::string password_file;  // when set, its first line is the password
  std::string application_name = "countersign";
  std::string search_path;  // the service's schema, or several separated by commas; quoted here
  // Enforced by the server; zero means without limit.
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds lock_timeout{2000};
  std::chrono::milliseconds idle_in_transaction_timeout{3000};
  // Enforced here, for a server that stopped answering without closing the connection: the most one round trip may take, after which the
  // session is broken. Zero means without limit.
  std::chrono::milliseconds client_deadline{30'000};
};

using ConnectionOptions = std::vector<std::pair<std::string, std::string>>;

// Everything libpq is told, by keyword. Reads the password file. Throws base::Misconfigured when the string or the file cannot be read, and
// base::Unavailable when the file cannot be read at the moment (base/secret_line.hpp).
ConnectionOptions connection_options(const ConnectionSettings& settings);

// `conninfo` in keyword form with one keyword set to another value.
std::string with_option(const std::string& conninfo, const std::string& keyword, const std::string& value);
// The value of a keyword; empty when `conninfo` does not say.
std::string option_of(const std::string& conninfo, const std::string& keyword);

}  // namespace countersign::postgres
