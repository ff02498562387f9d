#pragma once

// Statement: one SQL statement and the name it goes by in files, prepared statements and metrics.
//
// Every parameter carries an explicit cast in the text ($1::bigint[]), so that the server and the client agree on its type.

namespace countersign::postgres {

struct Statement {
  const char* name;
  const char* sql;
};

}  // namespace countersign::postgres
