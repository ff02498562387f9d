#include "sandbox/record_action.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"
#include "sandbox/request.hpp"

namespace countersign::sandbox {
namespace {

using base::refuse;
using base::Result;
using nlohmann::json;

std::string status_of(const json& record) { return record.value("status", "active"); }

Result<void> move_status(json& record, const std::string& from, const std::string& to) {
  if (status_of(record) != from) return refuse("wrong_status", "the account is " + status_of(record) + ", not " + from);
  record["status"] = to;
  return {};
}

Result<void> give_credit(json& record, const json& body) {
  const auto amount = read_money(body, "amount");
  if (!amount) return tl::unexpected(amount.error());
  if (amount->minor <= 0) return refuse("amount_not_positive", "an amount must be above zero");
  if (status_of(record) == "closed") return refuse("wrong_status", "the account is closed");
  const auto held = record.contains("credit") ? read_money(record, "credit") : base::Money{0, amount->currency};
  if (!held || held->currency != amount->currency) return refuse("currency_mismatch", "the account's credit is in another currency");
  if (amount->minor > 1'000'000'000'000 - held->minor) return refuse("amount_overflow", "nobody has that much credit");
  record["credit"] = to_json({held->minor + amount->minor, amount->currency});
  return {};
}

Result<void> suspend(json& record, const json&) { return move_status(record, "active", "suspended"); }

Result<void> reinstate(json& record, const json&) { return move_status(record, "suspended", "active"); }

Result<void> close_account(json& record, const json&) {
  if (status_of(record) == "closed") return refuse("wrong_status", "the account is closed already");
  record["status"] = "closed";
  return {};
}

Result<void> change_address(json& record, const json& body) {
  if (!body.contains("address") || !body["address"].is_object()) return refuse("malformed_body", "address must be an object");
  if (status_of(record) == "closed") return refuse("wrong_status", "the account is closed");
  record["previous_address"] = record.value("address", json(nullptr));
  record["address"] = body["address"];
  return {};
}

Result<void> roll_address_back(json& record, const json&) {
  if (!record.contains("previous_address")) return refuse("nothing_to_roll_back", "the address was never changed");
  std::swap(record["address"], record["previous_address"]);
  return {};
}

// The ledger's record of an article number: {"stock": {LOCATION: quantity}}.
Result<void> move_stock(json& record, const json& body) {
  const auto from = read_string(body, "from"), to = read_string(body, "to");
  const bool counted = body.contains("quantity") && body["quantity"].is_number_integer();
  if (!from || !to || !counted) return refuse("malformed_body", "a move has from, to and a whole quantity");
  const auto quantity = body["quantity"].get<std::int64_t>();
  auto& stock = record["stock"];
  if (!stock.contains(*from) || !stock.contains(*to)) return refuse("unknown_location", "the ledger does not know both places");
  if (quantity <= 0 || *from == *to) return refuse("nothing_to_move", "a move goes to another place, and moves something");
  if (quantity > stock[*from].get<std::int64_t>()) return refuse("stock_too_low", "there is not so much at " + *from);
  stock[*from] = stock[*from].get<std::int64_t>() - quantity;
  stock[*to] = stock[*to].get<std::int64_t>() + quantity;
  return {};
}

Result<void> write_draft(json& record, const json& body) {
  if (const auto text = read_string(body, "text"); !text) return tl::unexpected(text.error());
  record.update(body);
  record["status"] = "draft";
  return {};
}

const std::vector<RecordAction>& actions() {
  static const std::vector<RecordAction> table{
      {"customers", "credit", {"credit", "status"}, "Credit is given at once and can be spent.", nullptr, give_credit},
      {"customers", "suspension", {"status"}, "A reinstatement ends the suspension.", nullptr, suspend},
      {"customers", "reinstatement", {"status"}, "The account can be used again.", nullptr, reinstate},
      {"customers", "closing", {"status", "plan", "credit"}, "A closed account cannot be opened again.", nullptr, close_account},
      {"customers", "address-change", {"address"}, "An address-rollback puts the address before it back.", nullptr, change_address},
      {"customers", "address-rollback", {"address"}, "The last change is undone.", nullptr, roll_address_back},
      {"erp", "move", {"stock"}, "Only the ledger is changed; nothing is carried anywhere.", nullptr, move_stock},
      {"tickets", "draft", {"text", "status"}, "A draft is seen inside the company only.", "drafts", write_draft},
  };
  return table;
}

bool is_preview(std::string_view last, const RecordAction& action) { return last == std::string(action.noun) + "-previews"; }

bool names(std::string_view last, const RecordAction& action) { return last == std::string(action.noun) + "s" || is_preview(last, action); }

json shown(const RecordAction& action, const json& record) {
  json members = json::object();
  for (const char* member : action.shown)
    if (record.contains(member)) members[member] = record[member];
  return members;
}

struct Applied {
  json before, after, record;
};

Result<Applied> apply(const RecordCall& call, const json& body, const RecordBook& book) {
  json record{{"of", call.record}};
  if (call.action->makes_in == nullptr) {
    const auto* text = book.find(call.action->collection, call.record);
    if (text == nullptr) return refuse("unknown_record", "there is no " + std::string(call.action->collection) + "/" + call.record);
    record = json::parse(*text);
  }
  Applied done{shown(*call.action, record), {}, record};
  if (auto fits = call.action->apply(done.record, body); !fits) return tl::unexpected(fits.error());
  done.after = shown(*call.action, done.record);
  return done;
}

}  // namespace

RecordCall find_record_call(std::string_view path) {
  const auto segments = segments_of(path);
  if (segments.size() != 3) return {};
  for (const auto& action : actions())
    if (segments[0] == action.collection && names(segments[2], action)) return {&action, segments[1], is_preview(segments[2], action)};
  return {};
}

Result<std::string> preview(const RecordCall& call, const json& body, const RecordBook& book) {
  const auto done = apply(call, body, book);
  if (!done) return tl::unexpected(done.error());
  return to_text({{"before", done->before}, {"after", done->after}, {"note", call.action->note}});
}

Result<RecordChange> carry_out(const RecordCall& call, const json& body, std::string key, RecordBook& book) {
  auto done = apply(call, body, book);
  if (!done) return tl::unexpected(done.error());
  const std::string noun(call.action->noun), collection(call.action->collection);
  const std::string id = noun + "_" + std::to_string(book.deeds() + 1);
  if (call.action->makes_in != nullptr)
    done->record["id"] = id;
  else
    raise_version(done->record);
  if (auto put = book.put(call.action->makes_in ? call.action->makes_in : collection, done->record); !put)
    return tl::unexpected(put.error());

  json answer{{"id", id}, {"target", call.record}, {"status", "done"}, {"before", done->before}, {"after", done->after}};
  const auto amount = body.contains("amount") ? read_money(body, "amount") : base::Money{};
  if (amount && !amount->currency.empty()) answer["amount"] = to_json(*amount);
  book.note_deed({noun, collection, call.record, std::move(key), to_text(answer)});
  return RecordChange{to_text(answer), call.record, amount.value_or(base::Money{})};
}

std::string deeds_text(const RecordCall& call, std::string_view key, const RecordBook& book) {
  json list = json::array();
  for (const auto* deed : book.deeds_on(call.action->collection, call.record, call.action->noun, key))
    list.push_back(json::parse(deed->text));
  return to_text({{std::string(call.action->noun) + "s", std::move(list)}});
}

}  // namespace countersign::sandbox
