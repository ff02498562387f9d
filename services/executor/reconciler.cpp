#include "executor/reconciler.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/crash_point.hpp"
#include "catalog/http_request.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/value.hpp"
#include "executor/all_or_each.hpp"
#include "executor/locking.hpp"
#include "executor/sql.hpp"
#include "executor/tool_result.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::microseconds time_to_look{std::chrono::seconds{15}};  // longer than any look and its recording

// An answer that says "no", or lists nothing, does not say that it happened.
bool tells(const domain::Value& value) {
  if (const auto* truth = value.boolean()) return *truth;
  if (const auto* text = value.text()) return !text->empty();
  if (const auto* list = value.list()) return !list->empty();
  if (const auto* object = value.object()) return !object->empty();
  return !value.null();
}

}  // namespace

struct Reconciler::Look {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string tool;
  contracts::Json arguments;
  std::string idempotency_key;
  base::WallTime unknown_since;
  base::WallTime looked_at;
  std::shared_ptr<const catalog::Snapshot> configuration;
  const catalog::ToolManifest* manifest = nullptr;  // null: the tool is gone
  domain::Look seen = domain::Look::failed;
  contracts::Json receipt;
  std::vector<base::Secret> secrets;  // that the call carried

  std::string key() const { return tenant + "/" + ticket; }
  bool possible() const { return manifest != nullptr && manifest->reconcile.has_value(); }
  void hear(const http::Outcome& outcome);
};

// Found: the answer has something at `done_when` that is not false, null or empty. Not found: it has not, or the target knows of nothing
// under this address.
void Reconciler::Look::hear(const http::Outcome& outcome) {
  if (outcome.kind != http::Outcome::Kind::answered) return;
  if (outcome.status == 404) {
    seen = domain::Look::not_found;
    return;
  }
  if (outcome.status < 200 || outcome.status > 299) return;
  catalog::ResultRule rule = manifest->result;
  rule.redact.clear();  // of another answer; only one value of this one is kept
  const auto answer = read_result(rule, outcome.body, secrets);
  if (!answer) return;
  const auto value = contracts::to_value(*answer);
  const auto* found = find_at(value, manifest->reconcile->done_when);
  seen = found == nullptr || !tells(*found) ? domain::Look::not_found : domain::Look::found;
  if (seen != domain::Look::found) return;
  receipt = contracts::Json(nlohmann::json{{"reconciled", found->scalar() ? contracts::to_json(*found) : nlohmann::json(true)}});
}

Reconciler::Reconciler(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler,
                       const ConfigurationWatch& configuration, const SecretDirectory& secrets, base::Bell& claimable,
                       ReconcilerOptions options)
    : parts_(parts),
      store_(store),
      settler_(settler),
      configuration_(configuration),
      claimable_(claimable),
      options_(std::move(options)),
      renderer_(secrets, parts.telemetry, options_.reach),
      brakes_("looks", parts.telemetry),
      client_(RequestRenderer::client_options(options_.reach, options_.ca_file)),
      runner_(parts, "looks"),
      found_(parts.telemetry.metrics.counter("effect_looks_total", "Looks at the target of an unknown effect.", {{"seen", "found"}})),
      not_found_(
          parts.telemetry.metrics.counter("effect_looks_total", "Looks at the target of an unknown effect.", {{"seen", "not_found"}})),
      failed_(parts.telemetry.metrics.counter("effect_looks_total", "Looks at the target of an unknown effect.", {{"seen", "failed"}})) {}

Reconciler::~Reconciler() = default;

void Reconciler::run(std::stop_token stop) {
  base::Bell nobody;
  runtime::run_retrying("reconciler", parts_.clock, parts_.telemetry, std::move(stop), [this] { return look_once() > 0; }, nobody,
                        {.pause = options_.poll});
}

std::size_t Reconciler::look_once() {
  if (configuration_.current() == nullptr) return 0;
  Looks looks = take_due();
  if (looks.empty()) return 0;
  look_at_targets(looks);
  base::crash_point("after_look");
  all_or_each(looks, parts_.telemetry.log, "look_refused", [this](const Looks& some) { return settle(some); });
  claimable_.ring();
  return looks.size();
}

Reconciler::Looks Reconciler::take_due() {
  const auto snapshot = configuration_.current();
  Looks looks;
  for (const auto row : runner_.session().execute(
           sql::take_effects_to_look_at, postgres::Parameters{}.add(static_cast<std::int64_t>(options_.most_at_once)).add(time_to_look))) {
    Look look;
    look.tenant = row.get<std::string>(0);
    look.ticket = row.get<std::string>(1);
    look.run = static_cast<std::int32_t>(row.get<std::int64_t>(2));
    look.step = static_cast<std::int32_t>(row.get<std::int64_t>(3));
    look.tool = row.get<std::string>(4);
    look.arguments = contracts::read_shared_json(row.get<std::string>(5)).value_or(contracts::Json::object());
    look.idempotency_key = row.get<std::string>(6);
    look.unknown_since = row.get<base::WallTime>(7);
    look.looked_at = row.get<base::WallTime>(8);
    look.configuration = snapshot;
    look.manifest = snapshot->find_tool(look.tenant, look.tool);
    looks.push_back(std::move(look));
  }
  return looks;
}

void Reconciler::look_at_targets(Looks& looks) {
  for (auto& look : looks) send(look);
  while (client_.in_flight() > 0) client_.run_once(milliseconds{1000});
  for (const auto& look : looks) {
    auto& counter = look.seen == domain::Look::found ? found_ : look.seen == domain::Look::not_found ? not_found_ : failed_;
    counter.add();
  }
}

// One target that is silent must not keep the others waiting round after round.
void Reconciler::send(Look& look) {
  if (!look.possible()) return;
  auto call = render(look);
  if (!call || brakes_.hold_back(look.tenant, *look.manifest, false, parts_.clock.steady())) return;
  client_.send(std::move(*call), [this, &look](const http::Outcome& outcome) {
    const bool answered = outcome.kind == http::Outcome::Kind::answered && outcome.status < 500;
    brakes_.hear(look.tenant, *look.manifest, answered, parts_.clock.steady());
    look.hear(outcome);
  });
}

// Absent when the request cannot be made: then this look has failed.
std::optional<http::Call> Reconciler::render(Look& look) const {
  const auto request = catalog::render_reconcile(
      *look.manifest, look.arguments, {.tenant = look.tenant, .ticket_id = look.ticket, .idempotency_key = look.idempotency_key});
  if (!request) return std::nullopt;
  auto rendered = renderer_.render(*request, *look.manifest, false);
  if (!rendered) return std::nullopt;
  look.secrets = std::move(rendered->secrets);
  return std::move(rendered->call);
}

std::size_t Reconciler::settle(const Looks& looks) {
  std::vector<std::string> keys;
  for (const auto& look : looks) keys.push_back(look.key());
  const auto request = locking(std::move(keys));
  runner_.run(request, [&](pipeline::Batch& batch) {
    auto cases = store_.load(batch, request.keys);
    for (const auto& look : looks) settle_one(look, cases.at(look.key()), batch);
    store_.save(batch, cases);
  });
  return looks.size();
}

void Reconciler::settle_one(const Look& look, TicketCase& one, pipeline::Batch& batch) const {
  Step* step = one.find_step(look.run, look.step);
  Effect* effect = one.find_effect(look.run, look.step);
  const bool same = effect != nullptr && effect->state == domain::EffectState::unknown && effect->unknown_since == look.unknown_since;
  if (step == nullptr || !same) return;
  const auto age = look.looked_at - look.unknown_since;
  const bool past_limit = age >= settler_.limit_of(look.manifest);
  domain::LookVerdict verdict = domain::judge_without_look(past_limit);
  if (look.possible()) {
    verdict = domain::judge_look({.look = look.seen,
                                  .settled = age >= look.manifest->reconcile->settle,
                                  .past_limit = past_limit,
                                  .stopping = EffectSettler::stopping(one, *step),
                                  .idempotency = look.manifest->idempotency,
                                  .attempts_left = step->sent < look.manifest->retry.attempts});
  }
  settler_.settle_look(one, *step, *effect, look.manifest, verdict, look.receipt, batch);
}

}  // namespace countersign::executor
