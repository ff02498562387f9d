#include "cli/findings.hpp"

#include <nlohmann/json.hpp>

#include "cli/sql.hpp"

namespace countersign::cli {

std::vector<nlohmann::json> find_objects(postgres::Session& session, const postgres::Statement& statement,
                                         const postgres::Parameters& parameters) {
  postgres::Transaction transaction{session};
  transaction.queue(sql::set_read_only);
  const auto rows = transaction.execute(statement, parameters);
  transaction.commit();
  std::vector<nlohmann::json> objects;
  for (const auto row : rows) objects.push_back(nlohmann::json::parse(row.get<std::string>(0)));
  return objects;
}

}  // namespace countersign::cli
