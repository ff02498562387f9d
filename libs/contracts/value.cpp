#include "contracts/value.hpp"

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using domain::Value;
using nlohmann::json;

std::optional<base::Money> find_money(const json& object) {
  if (object.size() != 2) return std::nullopt;
  const auto minor = object.find("minor"), currency = object.find("currency");
  if (minor == object.end() || currency == object.end() || !minor->is_string() || !currency->is_string()) return std::nullopt;
  const auto amount = base::parse_minor(minor->get_ref<const std::string&>());
  if (!amount || !valid_currency(currency->get_ref<const std::string&>())) return std::nullopt;
  return base::Money{*amount, currency->get<std::string>()};
}

Value object_value(const json& object) {
  if (auto money = find_money(object)) return Value(std::move(*money));
  Value::Object members;
  for (const auto& [name, member] : object.items()) members.emplace(name, to_value(member));
  return Value(std::move(members));
}

Value list_value(const json& array) {
  Value::List items;
  items.reserve(array.size());
  for (const auto& item : array) items.push_back(to_value(item));
  return Value(std::move(items));
}

json list_json(const Value::List& list) {
  json array = json::array();
  for (const auto& item : list) array.push_back(to_json(item));
  return array;
}

json object_json(const Value::Object& members) {
  json object = json::object();
  for (const auto& [name, member] : members) object[name] = to_json(member);
  return object;
}

}  // namespace

domain::Value to_value(const nlohmann::json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return object_value(value);
    case json::value_t::array:
      return list_value(value);
    case json::value_t::string:
      return Value(value.get_ref<const std::string&>());
    case json::value_t::boolean:
      return Value(value.get<bool>());
    case json::value_t::number_integer:
      return Value(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      if (value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) return Value(value.get<std::int64_t>());
      return Value(value.dump());
    case json::value_t::number_float:
      return Value(value.dump());
    default:
      return Value();
  }
}

domain::Value to_value(const Json& value) { return to_value(value.value()); }

nlohmann::json to_json(const domain::Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean:
      return *value.boolean();
    case Value::Kind::integer:
      return *value.integer();
    case Value::Kind::text:
      return *value.text();
    case Value::Kind::money:
      return json{{"minor", std::to_string(value.money()->minor)}, {"currency", value.money()->currency}};
    case Value::Kind::time:
      return base::to_rfc3339(*value.time());
    case Value::Kind::list:
      return list_json(*value.list());
    case Value::Kind::object:
      return object_json(*value.object());
    case Value::Kind::null:
      break;
  }
  return nullptr;
}

Json to_shared_json(const domain::Value& value) { return Json(to_json(value)); }

}  // namespace countersign::contracts
