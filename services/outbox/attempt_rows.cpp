#include "outbox/attempt_rows.hpp"

#include <nlohmann/json.hpp>

#include "outbox/sql.hpp"

namespace countersign::outbox {

namespace {

std::int32_t millis_of(const AttemptEnd& end) { return static_cast<std::int32_t>(end.seconds * 1000); }

}  // namespace

void AttemptRows::add(const base::Uuid& delivery, const base::Uuid& token, const AttemptEnd& end, std::string state,
                      std::optional<base::WallTime> due_at, pipeline::Batch& batch, const MailMarks& marks) {
  ids_.push_back(delivery);
  tokens_.push_back(token);
  attempt_ids_.push_back(batch.ids().next());
  outcomes_.emplace_back(name_of(end.outcome));
  statuses_.push_back(end.status);
  errors_.push_back(end.error.empty() ? std::nullopt : std::optional(end.error));
  millis_.push_back(millis_of(end));
  states_.push_back(std::move(state));
  due_.push_back(due_at);
  maybe_sent_.push_back(marks.maybe_sent);
  codes_.push_back(marks.code.empty() ? std::nullopt : std::optional(marks.code));
  results_.push_back(marks.result);
}

std::map<base::Uuid, std::int32_t> AttemptRows::write(pipeline::Batch& batch) const {
  if (ids_.empty()) return {};
  const auto written = queue(batch);
  batch.transaction().flush();
  return read_numbers(batch.transaction().take(written));
}

postgres::Transaction::Claim AttemptRows::queue(pipeline::Batch& batch) const {
  auto parameters = postgres::Parameters{}.add(ids_).add(tokens_).add(attempt_ids_).add(outcomes_).add(statuses_).add(errors_);
  parameters.add(millis_).add(states_).add(due_).add(batch.id()).add(maybe_sent_).add(codes_).add(results_);
  return batch.transaction().queue(sql::record_attempts, std::move(parameters));
}

std::map<base::Uuid, std::int32_t> AttemptRows::read_numbers(const postgres::Rows& rows) {
  std::map<base::Uuid, std::int32_t> numbers;
  for (const auto row : rows) numbers.emplace(row.get<base::Uuid>(0), static_cast<std::int32_t>(row.get<std::int64_t>(1)));
  return numbers;
}

// Written by hand: it is made for every delivery there is.
pipeline::AuditEntry attempt_audit(const std::string& tenant, const std::string& ticket, const std::string& endpoint,
                                   const base::Uuid& delivery, std::int32_t number, const AttemptEnd& end, const std::string& state) {
  std::string detail = R"({"endpoint":)" + nlohmann::json(endpoint).dump() + R"(,"delivery":")" + delivery.str() + R"(","number":)" +
                       std::to_string(number) + R"(,"outcome":")" + name_of(end.outcome) + R"(","state":")" + state + R"(","millis":)" +
                       std::to_string(millis_of(end));
  if (end.status) detail += R"(,"status":)" + std::to_string(*end.status);
  if (!end.error.empty()) detail += R"(,"error":)" + nlohmann::json(end.error).dump();
  return {.tenant = tenant, .ticket = ticket, .event = "delivery_attempted", .detail = detail + "}"};
}

}  // namespace countersign::outbox
