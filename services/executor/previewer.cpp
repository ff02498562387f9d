#include "executor/previewer.hpp"

#include <nlohmann/json.hpp>

#include "base/crash_point.hpp"
#include "catalog/http_request.hpp"
#include "contracts/text_rules.hpp"
#include "crypto/digest.hpp"
#include "executor/all_or_each.hpp"
#include "executor/locking.hpp"
#include "executor/preview_reading.hpp"
#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStage;
using domain::ApprovalStageEvent;
using domain::StepEvent;
using std::chrono::milliseconds;

constexpr std::chrono::microseconds time_for_a_preview{std::chrono::seconds{30}};  // longer than any look and its recording

}  // namespace

struct Previewer::Look {
  std::string tenant;
  std::string ticket;
  std::string tool;
  base::Uuid approval_id;
  base::Uuid token;
  std::optional<contracts::ShownApproval> shown;  // absent: the row cannot be read any more
  contracts::Json seen_before;                    // when people were asked the time before; null: they were not
  std::shared_ptr<const catalog::Snapshot> configuration;
  const catalog::ToolManifest* manifest = nullptr;  // null: the tool is gone, or another than was shown
  std::optional<contracts::ShownPreview> preview;   // what was seen; absent: the look failed
  std::vector<base::Secret> secrets;                // that the call carried
  std::optional<milliseconds> held_for;             // the target is left alone so long, after too much trouble; nothing was asked
  base::SteadyTime answered_at{};

  std::string key() const { return tenant + "/" + ticket; }
  void hear(const http::Outcome& outcome) {
    if (outcome.kind != http::Outcome::Kind::answered || outcome.status < 200 || outcome.status > 299) return;
    if (auto read = read_preview(*manifest, outcome.body, secrets)) preview = std::move(*read);
  }
};

Previewer::Previewer(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor, const ApprovalRequester& requester,
                     const ConfigurationWatch& configuration, const SecretDirectory& secrets, base::Bell& to_look, base::Bell& claimable,
                     PreviewerOptions options)
    : parts_(parts),
      store_(store),
      conductor_(conductor),
      requester_(requester),
      configuration_(configuration),
      to_look_(to_look),
      claimable_(claimable),
      options_(std::move(options)),
      size_(options_.most_at_once),
      renderer_(secrets, parts.telemetry, options_.reach),
      brakes_("previews", parts.telemetry),
      client_(RequestRenderer::client_options(options_.reach, options_.ca_file)),
      runner_(parts, "previews"),
      seen_(parts.telemetry.metrics.counter("previews_total", "Looks at what an action would change.", {{"seen", "yes"}})),
      failed_(parts.telemetry.metrics.counter("previews_total", "Looks at what an action would change.", {{"seen", "no"}})),
      drifted_(parts.telemetry.metrics.counter("previews_drifted_total", "Targets that had changed since people saw them.")) {}

Previewer::~Previewer() = default;

void Previewer::run(std::stop_token stop) {
  runtime::run_retrying("previewer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return look_once() > 0; }, to_look_,
                        {.pause = options_.poll});
}

std::size_t Previewer::look_once() {
  return size_.around([this] { return look_round(); });
}

std::size_t Previewer::look_round() {
  if (configuration_.current() == nullptr) return 0;
  Looks looks = take_due();
  if (looks.empty()) return 0;
  for (auto& look : looks) send(look);
  while (client_.in_flight() > 0) client_.run_once(milliseconds{1000});
  for (const auto& look : looks) (look.preview ? seen_ : failed_).add();
  base::crash_point("after_preview");
  all_or_each(looks, parts_.telemetry.log, "preview_refused", [this](const Looks& some) { return settle(some); });
  claimable_.ring();
  return looks.size();
}

Previewer::Looks Previewer::take_due() {
  const auto snapshot = configuration_.current();
  Looks looks;
  for (const auto row : runner_.session().execute(
           sql::take_approvals_to_look_at, postgres::Parameters{}.add(static_cast<std::int64_t>(size_.now())).add(time_for_a_preview))) {
    Look look;
    look.tenant = row.get<std::string>(0);
    look.ticket = row.get<std::string>(1);
    look.approval_id = row.get<base::Uuid>(2);
    look.token = row.get<base::Uuid>(3);
    look.configuration = snapshot;
    if (auto shown = contracts::decode_shown(row.get<std::string>(4))) {
      look.tool = shown->action.tool;
      const auto* manifest = snapshot->find_tool(look.tenant, look.tool);
      if (manifest != nullptr && manifest->preview && manifest->digest == shown->action.manifest_digest) look.manifest = manifest;
      look.shown = std::move(*shown);
    }
    if (!row.null(5)) look.seen_before = contracts::Json(nlohmann::json::parse(row.get<std::string>(5)));
    looks.push_back(std::move(look));
  }
  return looks;
}

// One target that is silent must not keep the others waiting round after round.
void Previewer::send(Look& look) {
  if (look.manifest == nullptr) return;
  auto call = render(look);
  if (!call) return;
  if (const auto held = brakes_.hold_back(look.tenant, *look.manifest, false, parts_.clock.steady())) {
    look.held_for = held->wait;
    return;
  }
  client_.send(std::move(*call), [this, &look](const http::Outcome& outcome) {
    const bool answered = outcome.kind == http::Outcome::Kind::answered && outcome.status < 500;
    look.answered_at = parts_.clock.steady();
    brakes_.hear(look.tenant, *look.manifest, answered, look.answered_at);
    look.hear(outcome);
  });
}

// Absent when the request cannot be made: then this look has failed.
std::optional<http::Call> Previewer::render(Look& look) const {
  const auto& action = look.shown->action;
  const auto request =
      catalog::render_preview(*look.manifest, action.arguments, {.tenant = look.tenant, .ticket_id = look.ticket, .idempotency_key = {}});
  if (!request) return std::nullopt;
  auto rendered = renderer_.render(*request, *look.manifest, false);
  if (!rendered) return std::nullopt;
  look.secrets = std::move(rendered->secrets);
  return std::move(rendered->call);
}

std::size_t Previewer::settle(const Looks& looks) {
  std::vector<std::string> keys;
  for (const auto& look : looks) keys.push_back(look.key());
  const auto request = locking(std::move(keys));
  runner_.run(request, [&](pipeline::Batch& batch) {
    auto cases = store_.load(batch, request.keys);
    const bool current = is_current(*looks.front().configuration, batch);
    for (const auto& look : looks) settle_one(look, current, cases.at(look.key()), batch);
    store_.save(batch, cases);
  });
  base::crash_point("after_preview_recorded");
  return looks.size();
}

// What is found under another token than the row's belongs to a look that somebody else has made since.
void Previewer::settle_one(const Look& look, bool current, TicketCase& one, pipeline::Batch& batch) {
  for (Approval& approval : one.approvals) {
    if (approval.id != look.approval_id || approval.token != look.token) continue;
    Step* step = one.find_step(approval.run, approval.step);
    if (step == nullptr || step->state != domain::StepState::waiting_approval) return;
    const bool too_late = !approval.lease_until || *approval.lease_until <= batch.now();
    approval.token.reset();
    approval.lease_until.reset();
    approval.changed = true;
    // By another configuration, or too long ago, it says nothing. Nobody is to blame: another look is made.
    if (!current || too_late) return look_later(approval, options_.first_pause, batch);
    if (look.held_for) return look_later(approval, *look.held_for, batch);
    if (look.shown && look.manifest == nullptr) return reconsider(one, *step, approval, codes::action_changed, batch);
    if (!look.preview) return try_again(look, one, *step, approval, batch);
    if (approval.stage == ApprovalStage::previewing) return ask_people(look, one, *step, approval, batch);
    return compare(look, one, *step, approval, batch);
  }
}

void Previewer::look_later(Approval& approval, milliseconds wait, pipeline::Batch& batch) { approval.due_at = batch.now() + wait; }

void Previewer::try_again(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch) {
  ++approval.looks;
  if (approval.looks >= options_.most_looks || !look.shown)
    return conductor_.give_up(one, step, StepEvent::deny, {std::string(codes::preview_failed)}, codes::preview_failed, batch);
  approval.due_at = batch.now() + options_.first_pause * (1 << (approval.looks - 1));
}

void Previewer::ask_people(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch) {
  auto shown = *look.shown;
  if (!look.seen_before.is_null() && !(look.seen_before == look.preview->before))
    shown.difference = contracts::ShownDifference{look.seen_before, look.preview->before};
  add_preview(shown, *look.preview);
  approval.drift_digest = look.preview->drift_digest;
  requester_.request(one, step, approval, std::move(shown), batch);
}

void Previewer::compare(const Look& look, TicketCase& one, Step& step, Approval& approval, pipeline::Batch& batch) {
  if (look.preview->drift_digest != approval.drift_digest) {
    drifted_.add();
    return reconsider(one, step, approval, codes::target_changed, batch);
  }
  approval.looks = 0;
  // However long its recording took.
  const auto age = std::chrono::duration_cast<milliseconds>(parts_.clock.steady() - look.answered_at);
  approval.cleared_until = batch.now() + options_.fresh_for - age;
  move_approval(one, approval, ApprovalStageEvent::clear, {});
  conductor_.move_step(one, step, StepEvent::grant, {}, batch);
  step.due_at = batch.now();
}

void Previewer::reconsider(TicketCase& one, Step& step, Approval& approval, std::string_view code, pipeline::Batch& batch) {
  withdraw_approval(one, approval, {std::string(code)}, batch);
  conductor_.move_step(one, step, StepEvent::reconsider, {std::string(code)}, batch);
  step.due_at = batch.now();
}

}  // namespace countersign::executor
