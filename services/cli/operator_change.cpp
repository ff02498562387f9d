#include "cli/operator_change.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.hpp"
#include "cli/sql.hpp"
#include "pipeline/key_rows.hpp"
#include "pipeline/sql.hpp"
#include "schema/schema.hpp"

namespace countersign::cli {

using postgres::Parameters;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

OperatorChange::OperatorChange(postgres::Session& session) : ids_(clock_), id_(ids_.next()), transaction_(session) {}

void OperatorChange::in_schema(const std::string& service) {
  const auto& known = schema::services();
  if (std::find(known.begin(), known.end(), service) == known.end())
    throw Misused("there is no service " + service + "; those with a schema are " + joined(known));
  transaction_.execute(sql::use_schema, Parameters{}.add(service));
}

void OperatorChange::audit(const std::string& tenant, const std::string& ticket, const std::string& event, const nlohmann::json& detail) {
  transaction_.queue(sql::insert_operator_audit, Parameters{}
                                                     .add(ids_.next())
                                                     .add(id_)
                                                     .add(tenant)
                                                     .add(ticket.empty() ? std::optional<std::string>{} : std::optional(ticket))
                                                     .add(event)
                                                     .add(detail.dump()));
}

pipeline::Territory find_territory(postgres::Transaction& transaction, const std::string& service) {
  pipeline::Territory territory{service, pipeline::source_of(service), {}, {}};
  for (const auto row : transaction.execute(pipeline::sql::check_slots))
    (row.get<std::string>(0) == "input" ? territory.inputs : territory.outputs).push_back(row.get<std::string>(2));
  return territory;
}

pipeline::KeyState lock_key(postgres::Transaction& transaction, const pipeline::Territory& territory, const std::string& key) {
  const std::vector<std::string> keys{key};
  transaction.queue(pipeline::sql::insert_absent_keys, Parameters{}
                                                           .add(keys)
                                                           .add(static_cast<std::int32_t>(territory.inputs.size()))
                                                           .add(static_cast<std::int32_t>(territory.outputs.size())));
  const auto rows = transaction.execute(pipeline::sql::lock_keys, Parameters{}.add(keys));
  return pipeline::read_key_rows(rows, territory).at(key);
}

void write_key(postgres::Transaction& transaction, const std::string& key, pipeline::KeyState state) {
  state.changed = true;
  pipeline::queue_key_rows({{key, std::move(state)}}, transaction);
  transaction.flush();
}

std::size_t input_of(const pipeline::Territory& territory, const std::string& topic) {
  const auto found = std::find(territory.inputs.begin(), territory.inputs.end(), pipeline::without_realm(topic));
  if (found == territory.inputs.end())
    throw Misused(territory.service + " does not read " + topic + "; it reads " + joined(territory.inputs));
  return static_cast<std::size_t>(found - territory.inputs.begin());
}

}  // namespace countersign::cli
