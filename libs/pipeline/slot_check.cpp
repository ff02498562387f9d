#include "pipeline/slot_check.hpp"

#include "pipeline/sql.hpp"

namespace countersign::pipeline {

void require_same_slots(postgres::Session& session, const Territory& territory) {
  std::vector<std::string> inputs, outputs;
  for (const auto row : session.execute(sql::check_slots))
    (row.get<std::string>(0) == "input" ? inputs : outputs).push_back(row.get<std::string>(2));
  if (inputs == territory.inputs && outputs == territory.outputs) return;
  throw base::Misconfigured("the topics of " + territory.service +
                            " are not those of its schema: run `countersign migrate` with this version");
}

}  // namespace countersign::pipeline
