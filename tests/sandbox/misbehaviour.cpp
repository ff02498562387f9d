#include "sandbox/misbehaviour.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"

namespace countersign::sandbox {
namespace {

using nlohmann::json;

bool fits(const Misbehaviour& rule, const Request& request, bool reused) {
  return (rule.method.empty() || rule.method == request.method) && (rule.tenant.empty() || rule.tenant == request.tenant) &&
         (request.path.starts_with(rule.path_prefix) || request.rest.starts_with(rule.path_prefix)) &&
         (rule.fault != Fault::reset_reused || reused);
}

struct Kind {
  Fault fault;
  Work usual;
};

const std::map<std::string, Kind>& kinds() {
  static const std::map<std::string, Kind> all{{"delay", {Fault::delay, Work::last}},
                                               {"fail", {Fault::fail, Work::none}},
                                               {"hang", {Fault::hang, Work::none}},
                                               {"reset", {Fault::reset, Work::none}},
                                               {"reset_reused", {Fault::reset_reused, Work::none}},
                                               {"do_then_drop", {Fault::do_then_drop, Work::first}},
                                               {"slow_body", {Fault::slow_body, Work::first}},
                                               {"endless_body", {Fault::endless_body, Work::first}},
                                               {"redirect", {Fault::redirect, Work::none}},
                                               {"status", {Fault::status, Work::none}}};
  return all;
}

base::Result<Work> read_work(const json& body, const Kind& kind) {
  const auto text = body.value("work", "");
  if (text.empty()) return kind.usual;
  if (text == "first") return Work::first;
  if (text == "none" && kind.fault != Fault::delay && kind.fault != Fault::do_then_drop) return Work::none;
  if (text == "last" && kind.fault == Fault::delay) return Work::last;
  return base::refuse("unknown_behaviour", "work is first; last for a delay only; none for anything but delay and do_then_drop");
}

std::string retry_after_text(const json& body) {
  const auto found = body.find("retry_after");
  if (found == body.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

base::Result<Misbehaviour> read_members(const json& body) {
  const auto match = body.value("match", json::object());
  const auto kind = kinds().find(body.value("what", ""));
  if (kind == kinds().end()) return base::refuse("unknown_behaviour", "what is none of the behaviours in the README");
  const auto work = read_work(body, kind->second);
  if (!work) return tl::unexpected(work.error());
  const bool names_status = kind->second.fault == Fault::status;
  if (names_status && !body.contains("status")) return base::refuse("malformed_body", "what: status needs a status");

  Misbehaviour rule;
  rule.method = match.value("method", "");
  rule.path_prefix = match.value("path_prefix", "");
  rule.tenant = match.value("tenant", "");
  rule.fault = kind->second.fault;
  rule.work = *work;
  rule.status = body.value("status", rule.fault == Fault::redirect ? 302 : 500);
  rule.retry_after = retry_after_text(body);
  rule.location = body.value("location", "http://169.254.169.254/latest/meta-data/");
  rule.delay = std::chrono::milliseconds(body.value("delay_ms", std::int64_t{0}));
  rule.count = body.value("count", std::int64_t{-1});
  rule.probability = body.value("probability", 1.0);
  if (rule.status < 200 || rule.status > 599 || rule.delay.count() < 0 || rule.count == 0 || rule.probability < 0 || rule.probability > 1)
    return base::refuse("malformed_body", "status 200..599, delay_ms >= 0, count not 0, probability 0..1");
  return rule;
}

}  // namespace

std::uint64_t Misbehaviours::add(Misbehaviour rule) {
  rule.id = ++last_id_;
  rules_.push_back(std::move(rule));
  return last_id_;
}

bool Misbehaviours::remove(std::uint64_t id) {
  return std::erase_if(rules_, [id](const Misbehaviour& rule) { return rule.id == id; }) > 0;
}

std::optional<Misbehaviour> Misbehaviours::choose(const Request& request, bool reused) {
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (!fits(*rule, request, reused)) continue;
    if (rule->probability < 1 && std::generate_canonical<double, 53>(random_) >= rule->probability) continue;
    Misbehaviour chosen = *rule;
    if (rule->count > 0 && --rule->count == 0) rules_.erase(rule);
    return chosen;
  }
  return std::nullopt;
}

base::Result<Misbehaviour> read_misbehaviour(std::string_view text) {
  const auto body = read_object(text);
  if (!body) return tl::unexpected(body.error());
  try {
    return read_members(*body);
  } catch (const json::type_error& mistyped) {
    return base::refuse("malformed_body", mistyped.what());
  }
}

}  // namespace countersign::sandbox
