#include "executor/operation_keys.hpp"

#include <vector>

#include "executor/sql.hpp"

namespace countersign::executor {

namespace {

OperationHolder read_holder(const postgres::Row& row) {
  OperationHolder holder;
  holder.ticket = row.get<std::string>(2);
  holder.run = static_cast<std::int32_t>(row.get<std::int64_t>(3));
  holder.step = static_cast<std::int32_t>(row.get<std::int64_t>(4));
  holder.tool = row.get<std::string>(5);
  holder.state = row.get<std::string>(6);
  if (!row.null(7)) holder.amount = base::Money{row.get<std::int64_t>(7), row.get<std::string>(8)};
  holder.since = row.get<base::WallTime>(9);
  holder.idempotency_key = row.get<std::string>(10);
  return holder;
}

}  // namespace

std::map<OperationKey, OperationHolder> lock_operation_keys(pipeline::Batch& batch, const std::set<OperationKey>& keys) {
  if (keys.empty()) return {};
  std::vector<std::string> tenants, names;
  for (const auto& key : keys) {
    tenants.push_back(key.tenant);
    names.push_back(key.key);
  }
  const auto parameters = postgres::Parameters{}.add(tenants).add(names);
  auto& transaction = batch.transaction();
  transaction.queue(sql::lock_operation_keys, parameters);
  transaction.queue(sql::release_operation_keys, parameters);
  std::map<OperationKey, OperationHolder> holders;
  for (const auto row : transaction.execute(sql::find_operation_holders, parameters))
    holders.emplace(OperationKey{row.get<std::string>(0), row.get<std::string>(1)}, read_holder(row));
  return holders;
}

void pass_operation_keys(pipeline::Batch& batch, const std::vector<std::string>& idempotency_keys) {
  if (idempotency_keys.empty()) return;
  batch.transaction().queue(sql::pass_operation_keys, postgres::Parameters{}.add(idempotency_keys));
}

}  // namespace countersign::executor
