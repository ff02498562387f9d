#include <nlohmann/json.hpp>

#include "executor/case_rows.hpp"
#include "executor/row_columns.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

using Steps = std::vector<Owned<Step>>;

std::optional<std::string> origins_text(const domain::OriginMap& origins) {
  if (origins.empty()) return std::nullopt;
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [pointer, origin] : origins) object[pointer] = domain::name_of(origin);
  return object.dump();
}

postgres::Parameters identity(const Steps& steps) {
  postgres::Parameters parameters = owners(steps);
  parameters.add(column(steps, [](const auto& one) { return one.thing.run; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.number; }));
  return parameters;
}

void add_proposal(const Steps& steps, postgres::Parameters& parameters) {
  parameters.add(column(steps, [](const auto& one) { return one.thing.plan; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.name; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.tool; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.proposed.text(); }));
}

void add_standing(const Steps& steps, postgres::Parameters& parameters) {
  parameters.add(column(steps, [](const auto& one) { return one.thing.tool_version; }));
  parameters.add(column(steps, [](const auto& one) { return word(one.thing.risk); }));
  parameters.add(column(steps, [](const auto& one) { return word(one.thing.state); }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.turn; }));
  parameters.add(column(steps, [](const auto& one) { return joined(one.thing.codes); }));
  parameters.add(column(steps, [](const auto& one) { return std::int32_t{one.thing.sent}; }));
  parameters.add(column(steps, [](const auto& one) { return std::int32_t{one.thing.unsent}; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.due_at; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.token; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.lease_until; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.ended_at; }));
  parameters.add(column(steps, [](const auto& one) { return one.thing.claimed_by; }));
}

void add_findings(const Steps& steps, postgres::Parameters& parameters) {
  parameters.add(column(steps, [](const auto& one) { return text_or_null(one.thing.arguments); }));
  parameters.add(column(steps, [](const auto& one) { return origins_text(one.thing.origins); }));
  parameters.add(column(steps, [](const auto& one) { return text_or_null(one.thing.decision); }));
}

void insert_steps(const Steps& steps, pipeline::Batch& batch) {
  if (steps.empty()) return;
  auto parameters = identity(steps);
  add_proposal(steps, parameters);
  add_standing(steps, parameters);
  add_findings(steps, parameters);
  batch.transaction().queue(sql::insert_steps, std::move(parameters));
}

void update_steps(const Steps& steps, bool judged, pipeline::Batch& batch) {
  if (steps.empty()) return;
  auto parameters = identity(steps);
  add_standing(steps, parameters);
  if (judged) add_findings(steps, parameters);
  batch.transaction().queue(judged ? sql::update_judged_steps : sql::update_steps, std::move(parameters));
}

}  // namespace

void write_steps(pipeline::Batch& batch, const Cases& cases) {
  Steps fresh, judged, moved;
  for (const auto& [key, one] : cases) {
    for (const Step& step : one.steps) {
      if (!step.changed && !step.fresh) continue;
      (step.fresh ? fresh : step.judged ? judged : moved).push_back({one.ticket, step});
    }
  }
  insert_steps(fresh, batch);
  update_steps(judged, true, batch);
  update_steps(moved, false, batch);
}

}  // namespace countersign::executor
