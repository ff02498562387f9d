#include "postgres/time_partitions.hpp"

namespace countersign::postgres {

namespace {

constexpr Statement find_tables{"find_partitioned_tables",
                                "SELECT schema_name, table_name FROM core.partitioned_table ORDER BY schema_name, table_name"};
constexpr Statement keep_table{"keep_partitions",
                               "SELECT change, partition, reason FROM core.keep_partitions_of($1::text, $2::text, $3::integer)"};

PartitionChange::Kind kind_of(const std::string& word) {
  if (word == "created") return PartitionChange::Kind::created;
  return word == "dropped" ? PartitionChange::Kind::dropped : PartitionChange::Kind::skipped;
}

}  // namespace

std::vector<PartitionChange> TimePartitionKeeper::keep_once(Session& session) const {
  std::vector<PartitionChange> changes;
  for (const Row table : session.execute(find_tables)) {
    const auto parameters = Parameters{}.add(table.get<std::string>(0)).add(table.get<std::string>(1)).add(std::int32_t{ahead_days_});
    for (const Row row : session.execute(keep_table, parameters)) {
      changes.push_back({kind_of(row.get<std::string>(0)), row.get<std::string>(1), row.get<std::string>(2)});
    }
  }
  return changes;
}

void TimePartitionKeeper::run(std::stop_token stop, Pool& pool, base::Clock& clock) const {
  do {
    keep_once(*pool.borrow());
  } while (clock.wait(stop, std::chrono::hours{1}));
}

}  // namespace countersign::postgres
