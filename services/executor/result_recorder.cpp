#include "executor/result_recorder.hpp"

#include <algorithm>
#include <iterator>

#include "base/crash_point.hpp"
#include "base/errors.hpp"
#include "executor/locking.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

constexpr std::chrono::milliseconds look_anyway{500};
constexpr std::chrono::milliseconds longest_drain{12'000};

bool tells_success(const CallReport& report) {
  return report.call.effect && report.end.kind == domain::CallEnd::Kind::answered && report.end.status == domain::StatusClass::success;
}

EndedCall ended_call(const CallReport& report) {
  return {.end = report.end,
          .sent = report.sent,
          .unsent = report.unsent,
          .earlier_unanswered = report.earlier_unanswered,
          .status = report.status,
          .result = report.result,
          .result_code = report.result_code,
          .trouble = report.trouble};
}

std::vector<std::string> keys_of(const std::vector<CallReport>& reports) {
  std::vector<std::string> keys;
  for (const auto& report : reports) keys.push_back(report.call.key());
  return keys;
}

}  // namespace

ResultRecorder::ResultRecorder(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler, ToolCaller& caller,
                               base::Bell& ended, base::Bell& claimable, TurnClaimer* turns)
    : parts_(parts),
      store_(store),
      settler_(settler),
      caller_(caller),
      ended_(ended),
      claimable_(claimable),
      turns_(turns),
      runner_(parts, "results"),
      recorded_(parts.telemetry.metrics.counter("results_recorded_total", "Ends of calls that were recorded.")),
      late_(parts.telemetry.metrics.counter("results_late_total", "Ends of calls whose claim no longer stood.")),
      refused_(parts.telemetry.metrics.counter("results_refused_total", "Ends of calls that PostgreSQL would not take.")) {}

void ResultRecorder::run(std::stop_token stop) {
  const auto once = [this] { return record_once() > 0; };
  runtime::run_retrying("result_recorder", parts_.clock, parts_.telemetry, stop, once, ended_, {.pause = look_anyway});
  // What is still under way may yet be answered.
  std::stop_source drained;
  const auto deadline = parts_.clock.steady() + longest_drain;
  const auto drain = [&] {
    const bool worked = record_once() > 0;
    if ((pending_.empty() && caller_.idle()) || parts_.clock.steady() > deadline) drained.request_stop();
    return worked;
  };
  runtime::run_retrying("result_recorder", parts_.clock, parts_.telemetry, drained.get_token(), drain, ended_,
                        {.pause = std::chrono::milliseconds{50}});
}

std::size_t ResultRecorder::record_once() {
  auto fresh = caller_.collect_ended();
  std::move(fresh.begin(), fresh.end(), std::back_inserter(pending_));
  if (pending_.empty()) return 0;
  try {
    commit_all();
  } catch (const base::Rejected&) {
    // One of them is at fault, and the others need not wait for it.
    while (!pending_.empty()) {
      commit_one(pending_.back());
      pending_.pop_back();
    }
    claimable_.ring();
    return 1;
  }
  const auto count = pending_.size();
  pending_.clear();
  return count;
}

void ResultRecorder::commit_all() {
  if (turns_ == nullptr) {
    commit(pending_, nullptr);
    return claimable_.ring();
  }
  try {
    commit(pending_, turns_);
  } catch (...) {
    turns_->rolled_back();  // what follows is tried without claims
    throw;
  }
  turns_->committed();
}

void ResultRecorder::commit_one(CallReport report) {
  try {
    return commit({report}, nullptr);
  } catch (const base::Rejected&) {
    report.result = {};
    report.result_code = "result_unreadable";
    report.trouble.clear();
  }
  try {
    commit({report}, nullptr);
  } catch (const base::Rejected& rejected) {
    // Its lease ends, and the reaper settles what can be said without the answer.
    refused_.add();
    parts_.telemetry.log.error("result_refused", {{"tool", report.call.tool}, {"code", rejected.code()}, {"error", rejected.what()}});
  }
}

void ResultRecorder::commit(const Reports& reports, TurnClaimer* turns) {
  const auto request = locking(keys_of(reports));
  base::crash_point("before_record");
  runner_.run(request, [&](pipeline::Batch& batch) {
    // The step may have been settled by somebody else, and its run have ended: after its lease, or by a successor of this process before.
    std::vector<StepKey> also;
    for (const auto& report : reports) also.push_back({report.call.key(), report.call.run, report.call.step});
    auto cases = store_.load(batch, request.keys, Expected::anything, also);
    for (const auto& report : reports) record(report, cases.at(report.call.key()), batch);
    if (turns != nullptr) turns->settle(cases, batch);
    store_.save(batch, cases);
  });
  base::crash_point("after_record");
  recorded_.add(static_cast<double>(reports.size()));
}

void ResultRecorder::record(const CallReport& report, TicketCase& one, pipeline::Batch& batch) {
  Step* step = one.find_step(report.call.run, report.call.step);
  const bool stands = step != nullptr && step->state == domain::StepState::claimed && step->token == report.call.token;
  if (stands) return settler_.settle(one, *step, report.call.manifest, ended_call(report), batch);
  late_.add();
  if (tells_success(report)) record_late(report, one, step, batch);
}

void ResultRecorder::record_late(const CallReport& report, TicketCase& one, Step* step, pipeline::Batch& batch) {
  Effect* effect = one.find_effect(report.call.run, report.call.step);
  if (step == nullptr || effect == nullptr) {
    parts_.telemetry.log.warning("late_success_unplaced", {{"tool", report.call.tool}});
    return;
  }
  settler_.settle_late(one, *step, *effect, report.result, batch);
}

}  // namespace countersign::executor
