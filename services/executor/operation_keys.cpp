#include "executor/operation_keys.hpp"

#include <vector>

#include "executor/sql.hpp"

namespace countersign::executor {

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
    holders.emplace(OperationKey{row.get<std::string>(0), row.get<std::string>(1)},
                    OperationHolder{row.get<std::string>(2), static_cast<std::int32_t>(row.get<std::int64_t>(3)),
                                    static_cast<std::int32_t>(row.get<std::int64_t>(4))});
  return holders;
}

}  // namespace countersign::executor
