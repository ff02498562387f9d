#pragma once

// The programs of a PostgreSQL installation, run as the user who may run them.

#include <sys/types.h>

#include <string>
#include <vector>

namespace countersign::postgres::testing {

// The newest installation of version 15 or later under /usr/lib/postgresql, else where initdb is on PATH. Throws std::runtime_error.
std::string find_binaries();

// Gives a directory to the user who will run the server.
void hand_over(const std::string& directory);

// Starts a program with its output appended to `log`. It gets SIGQUIT when the calling thread ends, which a PostgreSQL server understands
// as an order to stop at once.
pid_t start_program(const std::vector<std::string>& command, const std::string& directory, const std::string& log);
// Waits for the end; true for exit status 0.
bool succeeded(pid_t program);

}  // namespace countersign::postgres::testing
