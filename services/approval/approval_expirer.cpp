#include "approval/approval_expirer.hpp"

#include "approval/sql.hpp"
#include "base/bell.hpp"
#include "base/crash_point.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::approval {

ApprovalExpirer::ApprovalExpirer(pipeline::CoreParts core, const ApprovalParts& parts, const catalog::Catalog& catalog,
                                 ExpirerOptions options)
    : core_(core), parts_(parts), catalog_(catalog), options_(options), runner_(core, "expiries") {}

void ApprovalExpirer::run(std::stop_token stop) {
  base::Bell nobody;
  const auto once = [this] { return expire_once() > 0; };
  runtime::run_retrying("approval_expirer", core_.clock, core_.telemetry, std::move(stop), once, nobody, {.pause = options_.poll});
}

std::size_t ApprovalExpirer::expire_once() {
  const auto configuration = catalog_.current();
  if (!configuration) return 0;
  std::set<ApprovalKey> due;
  std::set<std::string> tickets;
  const auto most = static_cast<std::int64_t>(options_.most_at_once);
  for (const auto row : runner_.session().execute(sql::find_due_approvals, postgres::Parameters{}.add(most))) {
    due.insert({row.get<std::string>(0), row.get<base::Uuid>(2)});
    tickets.insert(row.get<std::string>(0) + "/" + row.get<std::string>(1));
  }
  if (due.empty()) return 0;
  pipeline::BatchRequest request;
  request.keys.assign(tickets.begin(), tickets.end());
  request.acquaintance = pipeline::Acquaintance::known;
  runner_.run(request, [&](pipeline::Batch& batch) {
    Docket docket = parts_.store.load(batch, due);
    ApprovalConductor conductor(parts_, batch, *configuration, docket);
    for (auto& [key, approval] : docket.approvals)
      if (approval.open() && approval.over(batch.now()))
        conductor.end(approval, {.event = domain::ApprovalEvent::expire, .codes = {"approval_expired"}});
    parts_.store.save(batch, docket);
  });
  base::crash_point("after_expiry");
  return due.size();
}

}  // namespace countersign::approval
