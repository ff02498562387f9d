#include "crypto/digest.hpp"
#include "executor/case_rows.hpp"
#include "executor/row_columns.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

template <typename T>
postgres::Parameters identity(const std::vector<Owned<T>>& rows) {
  postgres::Parameters parameters = owners(rows);
  parameters.add(column(rows, [](const auto& one) { return one.thing.run; }));
  parameters.add(column(rows, [](const auto& one) { return one.thing.step; }));
  return parameters;
}

using Effects = std::vector<Owned<Effect>>;

void add_origin(const Effects& effects, postgres::Parameters& parameters) {
  parameters.add(column(effects, [](const auto& one) { return one.thing.tool; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.idempotency_key; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.created_at; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.arguments.text(); }));
}

void add_standing(const Effects& effects, postgres::Parameters& parameters) {
  parameters.add(column(effects, [](const auto& one) { return one.thing.tool_version; }));
  parameters.add(column(effects, [](const auto& one) { return word(one.thing.state); }));
  parameters.add(column(effects, [](const auto& one) { return text_or_null(one.thing.operation); }));
  parameters.add(column(effects, [](const auto& one) { return text_or_null(one.thing.operation_key); }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.key_held; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.key_passed; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.held_until; }));
  parameters.add(column(effects, [](const auto& one) { return text_or_null(one.thing.target); }));
  parameters.add(column(
      effects, [](const auto& one) { return one.thing.amount ? std::optional(one.thing.amount->minor) : std::optional<std::int64_t>{}; }));
  parameters.add(column(effects, [](const auto& one) {
    return one.thing.amount ? std::optional(one.thing.amount->currency) : std::optional<std::string>{};
  }));
  parameters.add(column(effects, [](const auto& one) { return text_or_null(one.thing.receipt); }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.unknown_since; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.look_at; }));
  parameters.add(column(effects, [](const auto& one) { return one.thing.overdue; }));
}

}  // namespace

void write_effects(pipeline::Batch& batch, const Cases& cases) {
  Effects fresh, known;
  for (const auto& [key, one] : cases)
    for (const Effect& effect : one.effects)
      if (effect.changed || effect.fresh) (effect.fresh ? fresh : known).push_back({one.ticket, effect});
  if (!fresh.empty()) {
    auto parameters = identity(fresh);
    add_origin(fresh, parameters);
    add_standing(fresh, parameters);
    batch.transaction().queue(sql::insert_effects, std::move(parameters));
  }
  if (known.empty()) return;
  auto parameters = identity(known);
  add_standing(known, parameters);
  batch.transaction().queue(sql::update_effects, std::move(parameters));
}

void write_evidence(pipeline::Batch& batch, const Cases& cases) {
  std::vector<Owned<Evidence>> read;
  for (const auto& [key, one] : cases)
    for (const Evidence& evidence : one.evidence)
      if (evidence.fresh) read.push_back({one.ticket, evidence});
  if (read.empty()) return;
  const auto results = column(read, [](const auto& one) { return one.thing.result.text(); });
  auto parameters = identity(read);
  parameters.add(column(read, [](const auto& one) { return one.thing.name; }));
  parameters.add(column(read, [](const auto& one) { return one.thing.tool; }));
  parameters.add(column(read, [](const auto& one) { return one.thing.tool_version; }));
  parameters.add(column(read, [](const auto& one) { return one.thing.arguments.text(); }));
  parameters.add(results);
  parameters.add(column(read, [](const auto& one) { return word(one.thing.origin); }));
  parameters.add(column(results, [](const std::string& result) { return postgres::Bytes{crypto::sha256(result).raw()}; }));
  parameters.add(column(read, [](const auto& one) { return one.thing.read_at; }));
  batch.transaction().queue(sql::insert_evidence, std::move(parameters));
}

}  // namespace countersign::executor
