#include "sandbox/render.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace countersign::sandbox {
namespace {

using nlohmann::json;

// Counted before parsing, because copying and writing a deep value recurse.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      deepest = std::max(deepest, ++depth);
    else if (!quoted && (c == '}' || c == ']'))
      --depth;
  }
  return deepest;
}

json refund_json(const Refund& refund) {
  return {{"id", refund.id},
          {"order_id", refund.order_id},
          {"amount", to_json(refund.amount)},
          {"reason", refund.reason},
          {"status", "succeeded"}};
}

}  // namespace

std::string to_text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json to_json(const base::Money& money) { return {{"minor", std::to_string(money.minor)}, {"currency", money.currency}}; }

std::string problem_text(int status, const base::Refusal& why) {
  return to_text({{"type", "urn:countersign:sandbox:" + why.code}, {"title", why.code}, {"status", status}, {"detail", why.detail}});
}

std::string order_text(const Order& order) {
  return to_text({{"id", order.id},
                  {"customer_id", order.customer_id},
                  {"status", order.status},
                  {"total", to_json(order.total)},
                  {"updated_at", order.updated_at},
                  {"version", order.version}});
}

std::string payments_text(const Order& order) {
  json payments = json::array();
  for (const auto& payment : order.payments)
    payments.push_back({{"id", payment.id}, {"amount", to_json(payment.amount)}, {"captured_at", payment.captured_at}});
  return to_text({{"order_id", order.id},
                  {"captured", to_json({order.captured_minor, order.total.currency})},
                  {"refunded", to_json({order.refunded_minor, order.total.currency})},
                  {"payments", std::move(payments)}});
}

std::string refund_preview_text(const Order& before, const Order& after) {
  const auto money_of = [](const Order& order) {
    return json{{"captured", to_json({order.captured_minor, order.total.currency})},
                {"refunded", to_json({order.refunded_minor, order.total.currency})},
                {"status", order.status}};
  };
  return to_text({{"before", money_of(before)}, {"after", money_of(after)}, {"note", "Money that was paid back cannot be called back."}});
}

std::string refund_text(const Refund& refund) { return to_text(refund_json(refund)); }

std::string refunds_text(const std::vector<Refund>& refunds) {
  json list = json::array();
  for (const auto& refund : refunds) list.push_back(refund_json(refund));
  return to_text({{"refunds", std::move(list)}});
}

base::Result<json> read_object(std::string_view text) {
  if (depth_of(text) > 64) return base::refuse("malformed_body", "the body is nested too deep");
  if (text.empty()) return json::object();  // where nothing need be said, nothing need be sent
  auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) return base::refuse("malformed_body", "the body must be a JSON object");
  return value;
}

base::Result<std::string> read_string(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string()) return base::refuse("malformed_body", std::string(member) + " must be a string");
  return found->get<std::string>();
}

base::Result<base::Money> read_money(const json& object, const char* member) {
  const auto found = object.find(member);
  const auto wrong = base::refuse("malformed_body", std::string(member) + R"( must be {"minor":"<integer>","currency":"<ISO 4217>"})");
  if (found == object.end() || !found->is_object()) return wrong;
  const auto minor = read_string(*found, "minor");
  auto currency = read_string(*found, "currency");
  if (!minor || !currency) return wrong;
  const auto amount = base::parse_minor(*minor);
  if (!amount) return wrong;
  return base::Money{*amount, *std::move(currency)};
}

}  // namespace countersign::sandbox
