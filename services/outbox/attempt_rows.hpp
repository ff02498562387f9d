#pragma once

// AttemptRows: the ends of claims, gathered and written by one statement.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "outbox/delivery.hpp"
#include "pipeline/batch.hpp"

namespace countersign::outbox {

// What only mail has to write down at an end.
struct MailMarks {
  bool maybe_sent = false;
  std::string code{};                  // why it is dead
  std::optional<base::Uuid> result{};  // the message that was owed for it
};

class AttemptRows {
 public:
  // `due_at` is kept as it is when absent.
  void add(const base::Uuid& delivery, const base::Uuid& token, const AttemptEnd& end, std::string state,
           std::optional<base::WallTime> due_at, pipeline::Batch& batch, const MailMarks& marks = {});
  // The attempt's number for each delivery whose token stood; the others were claimed or settled by somebody else meanwhile.
  std::map<base::Uuid, std::int32_t> write(pipeline::Batch& batch) const;
  // The same in two halves, for whoever has more to ask in the same round trip.
  postgres::Transaction::Claim queue(pipeline::Batch& batch) const;
  static std::map<base::Uuid, std::int32_t> read_numbers(const postgres::Rows& rows);

 private:
  std::vector<base::Uuid> ids_, tokens_, attempt_ids_;
  std::vector<std::string> outcomes_, states_;
  std::vector<std::optional<std::int32_t>> statuses_;
  std::vector<std::optional<std::string>> errors_;
  std::vector<std::int32_t> millis_;
  std::vector<std::optional<base::WallTime>> due_;
  std::vector<bool> maybe_sent_;
  std::vector<std::optional<std::string>> codes_;
  std::vector<std::optional<base::Uuid>> results_;
};

// One entry of the audit per attempt.
pipeline::AuditEntry attempt_audit(const std::string& tenant, const std::string& ticket, const std::string& endpoint,
                                   const base::Uuid& delivery, std::int32_t number, const AttemptEnd& end, const std::string& state);

}  // namespace countersign::outbox
