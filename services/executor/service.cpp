#include "executor/service.hpp"

#include "base/bell.hpp"
#include "executor/age_gauges.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/effect_claimer.hpp"
#include "executor/lease_reaper.hpp"
#include "executor/mail_result_intake.hpp"
#include "executor/no_plan_clock.hpp"
#include "executor/outcome_tally.hpp"
#include "executor/plan_intake.hpp"
#include "executor/previewer.hpp"
#include "executor/reconciler.hpp"
#include "executor/result_recorder.hpp"
#include "executor/ticket_intake.hpp"
#include "executor/verdict_intake.hpp"

namespace countersign::executor {

namespace {

using namespace std::chrono_literals;

http::AddressScope reach_of(const Config& config) {
  return config.allow_loopback_tools ? http::AddressScope::public_and_loopback : http::AddressScope::public_only;
}

ClaimerOptions claimer_options(const Config& config) {
  ClaimerOptions options;
  options.most_at_once = config.tool_calls;
  return options;
}

CallerOptions caller_options(const Config& config) {
  CallerOptions options;
  options.most_at_once = config.tool_calls;
  options.most_per_tool = config.calls_per_tool;
  options.reach = reach_of(config);
  options.ca_file = config.tool_ca_file;
  return options;
}

PreviewerOptions previewer_options(const Config& config) {
  PreviewerOptions options;
  options.reach = reach_of(config);
  options.ca_file = config.tool_ca_file;
  return options;
}

ReconcilerOptions reconciler_options(const Config& config) {
  ReconcilerOptions options;
  options.reach = reach_of(config);
  options.ca_file = config.tool_ca_file;
  return options;
}

SettlerOptions settler_options(const Config& config) {
  SettlerOptions options;
  options.limit_without_look = config.unknown_limit;
  return options;
}

}  // namespace

struct ExecutorService::Parts {
  Parts(const Config& config, pipeline::ServiceCore& core, base::Clock& clock, telemetry::Telemetry telemetry,
        pipeline::ServiceCore::Report report_condition)
      : report(std::move(report_condition)),
        configuration(catalog, core.database(), clock, telemetry),
        secrets(config.service.secrets_dir, clock),
        outcomes(telemetry.metrics),
        conductor(&catalog, &outcomes),
        plans(conductor, catalog, telemetry),
        settler(conductor, settler_options(config)),
        keys(read_approval_keys(config.signing_key_file, config.approval_anchors_file, config.environment)),
        requester(keys, conductor, telemetry),
        caller(core.database(), secrets, clock, ended, telemetry, caller_options(config)),
        claims(core.parts(), conductor, requester, caller),
        turns_of_plans(claims, configuration, caller.slots(), claimable),
        turns_of_results(claims, configuration, caller.slots(), claimable),
        ticket_intake(store, conductor, plans, catalog, claimable, telemetry),
        plan_intake(store, plans, claimable, &turns_of_plans),
        verdict_intake(store, conductor, keys, claimable, to_look, telemetry),
        previewer(core.parts(), store, conductor, requester, configuration, secrets, to_look, claimable, previewer_options(config)),
        mail_result_intake(store, settler, catalog, claimable, telemetry),
        claimer(core.parts(), store, claims, configuration, caller.slots(), claimable, claimer_options(config)),
        recorder(core.parts(), store, settler, caller, ended, claimable, &turns_of_results),
        reconciler(core.parts(), store, settler, configuration, secrets, claimable, reconciler_options(config)),
        reaper(core.parts(), store, settler, configuration, claimable),
        no_plan(core.parts(), store, conductor, {.longest_wait = config.no_plan_after}),
        ages(telemetry) {}

  pipeline::ServiceCore::Report report;
  base::Bell claimable;  // a step may have its turn
  base::Bell ended;      // a call has ended
  base::Bell to_look;    // a target is to be read for people
  catalog::Catalog catalog{{"tenant", "realm", "constant", "tool", "policy", "floor", "template", "mailbox"}};
  ConfigurationWatch configuration;
  SecretDirectory secrets;
  CaseStore store;
  OutcomeTally outcomes;
  RunConductor conductor;
  PlanDesk plans;
  EffectSettler settler;
  ApprovalKeys keys;
  ApprovalRequester requester;
  ToolCaller caller;
  ClaimDesk claims;
  TurnClaimer turns_of_plans;
  TurnClaimer turns_of_results;
  TicketIntake ticket_intake;
  PlanIntake plan_intake;
  VerdictIntake verdict_intake;
  Previewer previewer;
  MailResultIntake mail_result_intake;
  EffectClaimer claimer;
  ResultRecorder recorder;
  Reconciler reconciler;
  LeaseReaper reaper;
  NoPlanClock no_plan;
  AgeGauges ages;
};

ExecutorService::ExecutorService(const Config& config, pipeline::ServiceCore& core, base::Clock& clock, telemetry::Telemetry telemetry,
                                 pipeline::ServiceCore::Report report)
    : parts_(std::make_unique<Parts>(config, core, clock, telemetry, std::move(report))) {
  parts_->configuration.refresh_once();
  add_loops(core);
}

ExecutorService::~ExecutorService() = default;

// In the order of dependence; they are stopped from the last to the first.
void ExecutorService::add_loops(pipeline::ServiceCore& core) {
  Parts& parts = *parts_;
  core.add_loop("configuration", [&parts](std::stop_token stop) { parts.configuration.run(std::move(stop)); });
  core.add_chore("configuration readiness", 1s, [&parts](postgres::Session&) {
    parts.report("configuration", parts.catalog.ready(), "no configuration that can be read; see the log for its mistakes");
  });
  core.add_loop("result recorder", [&parts](std::stop_token stop) { parts.recorder.run(std::move(stop)); });
  core.add_loop("tool caller", [&parts](std::stop_token stop) { parts.caller.run(std::move(stop)); });
  core.add_loop("effect claimer", [&parts](std::stop_token stop) { parts.claimer.run(std::move(stop)); });
  core.add_loop("previewer", [&parts](std::stop_token stop) { parts.previewer.run(std::move(stop)); });
  core.add_loop("reconciler", [&parts](std::stop_token stop) { parts.reconciler.run(std::move(stop)); });
  core.add_loop("lease reaper", [&parts](std::stop_token stop) { parts.reaper.run(std::move(stop)); });
  core.add_loop("no-plan clock", [&parts](std::stop_token stop) { parts.no_plan.run(std::move(stop)); });
  core.add_chore("age gauges", 5s, [&parts](postgres::Session& session) { parts.ages.refresh(session); });
  core.add_stage(parts.ticket_intake, {.topic = "tickets", .sequenced = false});
  core.add_stage(parts.plan_intake, {.topic = "plans", .acquaintance = pipeline::Acquaintance::known});
  core.add_stage(parts.verdict_intake, {.topic = "verdicts", .acquaintance = pipeline::Acquaintance::known});
  core.add_stage(parts.mail_result_intake, {.topic = "delivery-results", .acquaintance = pipeline::Acquaintance::known});
}

}  // namespace countersign::executor
