#pragma once

// read_secret_line: the first line of a file that holds a secret.
//
// Threads    Any thread.
// Failure    base::Misconfigured when the file is missing, may not be read or begins with an empty line. base::Unavailable for what may
//            pass: no file descriptors or memory left, an interrupted call, a disk that failed.

#include <string>

#include "base/secret.hpp"

namespace countersign::base {

// Without its line end. `what` tells an operator which file it is: "the Kafka password file".
Secret read_secret_line(const std::string& path, const std::string& what);

}  // namespace countersign::base
