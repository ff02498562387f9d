#include "outbox/attempt_rows.hpp"

#include <nlohmann/json.hpp>

#include "outbox/sql.hpp"

namespace countersign::outbox {

void AttemptRows::add(const base::Uuid& delivery, const base::Uuid& token, const AttemptEnd& end, std::string state,
                      std::optional<base::WallTime> due_at, pipeline::Batch& batch, const MailMarks& marks) {
  ids_.push_back(delivery);
  tokens_.push_back(token);
  attempt_ids_.push_back(batch.ids().next());
  outcomes_.emplace_back(name_of(end.outcome));
  statuses_.push_back(end.status);
  errors_.push_back(end.error.empty() ? std::nullopt : std::optional(end.error));
  millis_.push_back(static_cast<std::int32_t>(end.seconds * 1000));
  states_.push_back(std::move(state));
  due_.push_back(due_at);
  maybe_sent_.push_back(marks.maybe_sent);
  codes_.push_back(marks.code.empty() ? std::nullopt : std::optional(marks.code));
  results_.push_back(marks.result);
}

std::map<base::Uuid, std::int32_t> AttemptRows::write(pipeline::Batch& batch) const {
  std::map<base::Uuid, std::int32_t> numbers;
  if (ids_.empty()) return numbers;
  for (const auto row : batch.transaction().execute(sql::record_attempts, postgres::Parameters{}
                                                                              .add(ids_)
                                                                              .add(tokens_)
                                                                              .add(attempt_ids_)
                                                                              .add(outcomes_)
                                                                              .add(statuses_)
                                                                              .add(errors_)
                                                                              .add(millis_)
                                                                              .add(states_)
                                                                              .add(due_)
                                                                              .add(batch.id())
                                                                              .add(maybe_sent_)
                                                                              .add(codes_)
                                                                              .add(results_)))
    numbers.emplace(row.get<base::Uuid>(0), static_cast<std::int32_t>(row.get<std::int64_t>(1)));
  return numbers;
}

pipeline::AuditEntry attempt_audit(const std::string& tenant, const std::string& ticket, const std::string& endpoint,
                                   const base::Uuid& delivery, std::int32_t number, const AttemptEnd& end, const std::string& state) {
  nlohmann::json detail{
      {"endpoint", endpoint}, {"delivery", delivery.str()}, {"number", number}, {"outcome", name_of(end.outcome)}, {"state", state}};
  if (end.status) detail["status"] = *end.status;
  if (!end.error.empty()) detail["error"] = end.error;
  return {.tenant = tenant, .ticket = ticket, .event = "delivery_attempted", .detail = detail.dump()};
}

}  // namespace countersign::outbox
