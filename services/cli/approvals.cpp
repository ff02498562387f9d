#include "cli/approvals.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/money.hpp"
#include "cli/exit_codes.hpp"
#include "cli/findings.hpp"
#include "cli/sql.hpp"
#include "contracts/codec.hpp"
#include "crypto/digest.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Parameters;

constexpr std::size_t least_typed = 8;
constexpr const char* lowest = "00000000-0000-0000-0000-000000000000";
constexpr const char* highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";

// What was typed, filled up with the digits of `rest`; absent when it cannot begin an id.
std::optional<base::Uuid> filled_up(const std::string& typed, const std::string& rest) {
  if (typed.size() < least_typed || typed.size() > rest.size()) return std::nullopt;
  return base::Uuid::parse(typed + rest.substr(typed.size()));
}

std::string digest_of(const std::string& text) { return crypto::sha256(text).hex(); }

std::string money_text(const json& money) {
  if (!money.is_object()) return "-";
  const auto minor = base::parse_minor(money.value("minor", ""));
  return minor ? base::to_text({*minor, printable(money.value("currency", ""))}) : shown(money);
}

// What the table shows of one.
json row_of(const json& approval) {
  json row = approval;
  row["amount"] = money_text(approval.at("amount"));
  row["needs"] = people_needed(approval.at("requirement"));
  row["expires"] = when_it_expires(approval);
  row["what will happen"] = approval.at("what");
  return row;
}

std::string title(const std::string& name) { return name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' '); }

void add(std::vector<std::string>& lines, const std::string& name, const std::string& text) {
  if (!text.empty() && text != "-") lines.push_back(title(name) + text);
}

void add_action(std::vector<std::string>& lines, const json& action) {
  add(lines, "tool", shown_member(action, "tool") + "@" + shown_member(action, "tool_version") + " on " + shown_member(action, "target"));
  add(lines, "amount", money_text(action.value("amount", json())));
  add(lines, "arguments", "");
  for (const auto& [name, value] : action.at("arguments").items()) {
    const auto origin = action.at("origins").value("/" + name, "");
    lines.push_back(title("argument") + printable(name) + " = " + shown(value) + (origin.empty() ? "" : " (" + printable(origin) + ")"));
  }
  for (const char* name : {"environment", "operation_key", "idempotency_key", "policy", "agent", "manifest_digest", "ticket_version"})
    add(lines, name == std::string("agent") ? "proposed by" : name,
        name == std::string("agent") ? shown_member(action.at("agent"), "name") + "@" + shown_member(action.at("agent"), "version")
                                     : shown_member(action, name));
}

void add_change(std::vector<std::string>& lines, const json& shown_) {
  if (const auto preview = shown_.find("preview"); preview != shown_.end()) {
    add(lines, "before", shown_member(*preview, "before"));
    add(lines, "after", shown_member(*preview, "after"));
    add(lines, "note", shown_member(*preview, "note"));
  }
  if (shown_.value("preview_absent", false))
    add(lines, "preview", "none: this tool cannot tell beforehand what it will change, although it ought to");
  if (const auto difference = shown_.find("difference"); difference != shown_.end()) {
    add(lines, "changed", "the target is not as an earlier request showed it");
    add(lines, "  was", shown_member(*difference, "was"));
    add(lines, "  is", shown_member(*difference, "is"));
  }
  add(lines, "rollback", shown_member(shown_, "rollback_note"));
}

void add_reasons(std::vector<std::string>& lines, const json& shown_) {
  for (const auto& why : shown_.at("why"))
    add(lines, "asked by", shown_member(why, "rule") + ": " + shown_member(why, "sentence") + " (" + shown_member(why, "citation") + ")");
  for (const auto& read : shown_.at("evidence"))
    add(lines, "evidence",
        shown_member(read, "name") + " = " + shown_member(read, "tool") + " at " + shown_member(read, "read_at") + ": " +
            shown_member(read, "result"));
  if (const auto holder = shown_.find("holder"); holder != shown_.end())
    add(lines, "ATTENTION",
        "the same operation was done before: " + shown_member(*holder, "tool") + " " + shown_member(*holder, "state") + ", " +
            money_text(holder->value("amount", json())) + ", by ticket " + shown_member(*holder, "ticket_id") + " at " +
            shown_member(*holder, "at"));
}

void add_people(std::vector<std::string>& lines, const json& approval, const json& shown_) {
  const auto& requester = shown_.at("requester");
  add(lines, "requester", shown_member(requester, "id") + (requester.contains("name") ? " (" + shown_member(requester, "name") + ")" : ""));
  if (shown_.contains("actor")) add(lines, "actor", shown_member(shown_.at("actor"), "id"));
  add(lines, "needs", people_needed(shown_.at("requirement")));
  add(lines, "may not", shown_member(shown_.at("requirement"), "exclusions"));
  for (const auto& denial : approval.at("denied_before"))
    add(lines, "denied",
        "before, by " + shown_member(denial, "people") + " at " + shown_member(denial, "at") + ": " + shown_member(denial, "reason"));
  for (const auto& decision : approval.at("decisions"))
    add(lines, "decision",
        shown_member(decision, "person") + " " + shown_member(decision, "verb") + " at " + shown_member(decision, "at") +
            (decision.at("counted").get<bool>() ? "" : ", did not count: " + shown_member(decision, "code")) +
            (decision.at("reason").is_null() ? "" : ": " + shown_member(decision, "reason")));
}

void add_commands(std::vector<std::string>& lines, const json& approval) {
  const std::string id = shown_member(approval, "id"), as = " --as PERSON --key FILE";
  lines.push_back(title("to decide") + "countersign approve " + id + as);
  lines.push_back(title("") + "countersign deny " + id + as + " --reason TEXT");
  lines.push_back(title("") + "countersign request-changes " + id + as + " --reason TEXT");
}

int show_one(postgres::Session& session, const ApprovalsWish& wish, const Console& console) {
  const json approval = get_approval(session, wish.id, wish.tenant);
  console.give(approval);
  for (const auto& line : approval_lines(approval)) console.say(line);
  if (const auto forgery = find_forgery(approval); !forgery.empty()) {
    console.warn(forgery + "; do not decide on it");
    return exit_not_well;
  }
  return exit_well;
}

}  // namespace

void check_approval_id(const std::string& id) {
  if (!filled_up(id, lowest))
    throw Misused("ID is an approval's id, or at least its first " + std::to_string(least_typed) + " characters, not '" + id + "'");
}

json get_approval(postgres::Session& session, const std::string& id, const std::string& tenant) {
  check_approval_id(id);
  const auto found = find_objects(session, sql::find_approval,
                                  Parameters{}.add(filled_up(id, lowest).value()).add(filled_up(id, highest).value()).add(tenant));
  if (found.empty()) throw NotFound("there is no approval " + id + (tenant.empty() ? "" : " of " + tenant));
  if (found.size() == 1) return found.front();
  std::string all;
  for (const auto& one : found) all += "\n  " + shown_member(one, "id") + "  " + shown_member(one, "ticket");
  throw Misused("several approvals begin with " + id + ":" + all);
}

std::string find_forgery(const json& approval) {
  json referral = approval.at("shown");
  referral["request"] = approval.at("request");
  const auto event = contracts::decode_value(contracts::types::referral_approval, referral);
  if (!event) return "what is stored about this approval cannot be read: " + event.error().detail;
  const auto& shown_ = std::get<contracts::ReferralApproval>(*event).shown;
  if (digest_of(contracts::action_text(shown_.action)) != approval.at("action_digest") ||
      shown_.action_digest != approval.at("action_digest"))
    return "the action that is shown is not the one that the action digest stands for";
  if (digest_of(contracts::requirement_text(shown_.requirement)) != approval.at("requirement_digest") ||
      shown_.action.requirement_digest != approval.at("requirement_digest"))
    return "the requirement that is shown is not the one that the requirement digest stands for";
  if (shown_.preview && (digest_of(contracts::preview_text(*shown_.preview)) != shown_.preview->digest ||
                         shown_.action.preview_digest != shown_.preview->digest))
    return "the preview that is shown is not the one that belongs to the action";
  if (digest_of(contracts::shown_text(shown_)) != approval.at("shown_digest")) return "what is shown is not what the executor asked about";
  if (base::Uuid::parse(approval.at("id").get<std::string>()) != shown_.approval_id || shown_.tenant != approval.at("tenant") ||
      shown_.ticket_id != approval.at("ticket_id") || shown_.action.tenant != shown_.tenant || shown_.action.ticket_id != shown_.ticket_id)
    return "the approval and what it shows are about different tickets";
  return {};
}

std::string people_needed(const json& requirement) {
  std::string text;
  std::int64_t most = 0;
  for (const auto& duty : requirement.at("roles")) {
    const auto people = duty.value("people", std::int64_t{1});
    most = std::max(most, people);
    text += (text.empty() ? "" : ", ") + std::to_string(people) + " " + printable(duty.value("role", ""));
  }
  const auto quorum = requirement.value("quorum", std::int64_t{1});
  return text + (quorum > most ? "; " + std::to_string(quorum) + " people in all" : "");
}

std::string when_it_expires(const json& approval) {
  const auto& in = approval.at("expires_in_s");
  if (in.is_null()) return "never";
  const auto seconds = std::abs(in.get<std::int64_t>());
  const auto days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  std::string text = days > 0      ? std::to_string(days) + " d " + std::to_string(hours) + " h"
                     : hours > 0   ? std::to_string(hours) + " h " + std::to_string(minutes) + " min"
                     : minutes > 0 ? std::to_string(minutes) + " min"
                                   : std::to_string(seconds) + " s";
  return in.get<std::int64_t>() < 0 ? text + " ago" : "in " + text;
}

std::string state_of(const json& approval) {
  std::string text = shown_member(approval, "state");
  if (!approval.at("people").empty()) text += " by " + shown_member(approval, "people");
  if (!approval.at("decided_at").is_null()) text += " at " + shown_member(approval, "decided_at");
  if (!approval.at("codes").empty()) text += " (" + shown_member(approval, "codes") + ")";
  return approval.at("reason").is_null() ? text : text + ": " + shown_member(approval, "reason");
}

std::vector<std::string> approval_lines(const json& approval) {
  const json& shown_ = approval.at("shown");
  const bool open = approval.at("state") == "requested";
  std::vector<std::string> lines{title("approval") + shown_member(approval, "id") + ", " + state_of(approval)};
  add(lines, "ticket",
      shown_member(approval, "ticket") + ", run " + shown_member(approval, "run") + ", step " + shown_member(approval, "step"));
  add(lines, "will happen", shown_member(shown_, "sentence"));
  add_action(lines, shown_.at("action"));
  add_change(lines, shown_);
  add_reasons(lines, shown_);
  add_people(lines, approval, shown_);
  if (open) add(lines, "expires", when_it_expires(approval));
  add(lines, "digest", shown_member(approval, "action_digest"));
  if (open) add_commands(lines, approval);
  return lines;
}

int show_approvals(const Reach& reach, const ApprovalsWish& wish, const Console& console) {
  if (!wish.id.empty()) check_approval_id(wish.id);
  auto session = open_database(database_settings(reach));
  if (!wish.id.empty()) return show_one(session, wish, console);
  const auto found = find_objects(session, sql::find_approvals, Parameters{}.add(wish.tenant).add(wish.all).add(wish.limit));
  console.give({{"approvals", found}});
  std::vector<json> rows;
  for (const auto& one : found) rows.push_back(row_of(one));
  std::vector<std::string> columns{"id", "ticket", "what will happen", "amount", "needs", "expires"};
  if (wish.all) columns.insert(columns.begin() + 2, "state");
  console.table(columns, rows, "Nothing waits for people.");
  return exit_well;
}

}  // namespace countersign::cli
