#include "sandbox/seed.hpp"

#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"

namespace countersign::sandbox {
namespace {

using nlohmann::json;

constexpr const char* long_ago = "2024-01-01T00:00:00.000000Z";

base::Result<void> add_records(const std::string& collection, const json& list, RecordBook& book) {
  for (const auto& record : list)
    if (auto ok = book.put(collection, record); !ok) return ok;
  return {};
}

base::Result<void> add_orders(const json& list, OrderBook& book) {
  for (const auto& entry : list) {
    const auto id = read_string(entry, "id");
    const auto customer = read_string(entry, "customer_id");
    const auto total = read_money(entry, "total");
    if (!id || !customer || !total) return base::refuse("malformed_body", "an order needs id, customer_id and total: " + to_text(entry));
    Order order;
    order.id = *id;
    order.customer_id = *customer;
    order.total = *total;
    order.status = entry.value("status", "paid");
    order.updated_at = entry.value("updated_at", long_ago);
    order.version = entry.value("version", std::uint64_t{1});
    book.put_order(std::move(order));
  }
  return {};
}

base::Result<void> add_payments(const json& list, OrderBook& book) {
  for (const auto& entry : list) {
    const auto id = read_string(entry, "id");
    const auto order = read_string(entry, "order_id");
    const auto amount = read_money(entry, "amount");
    if (!id || !order || !amount) return base::refuse("malformed_body", "a payment needs id, order_id and amount: " + to_text(entry));
    if (auto ok = book.add_payment(*order, {*id, *amount, entry.value("captured_at", long_ago)}); !ok) return ok;
  }
  return {};
}

// For benchmarks: as many paid orders as wanted, from PREFIX1 on, each with one customer and one payment of its total.
base::Result<void> generate_orders(const json& wish, Tenant& tenant) {
  const auto total = read_money(wish, "total");
  if (!total) return tl::unexpected(total.error());
  const auto prefix = wish.value("prefix", "o-");
  const auto count = wish.value("orders", std::uint64_t{0});
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto id = prefix + std::to_string(i);
    const auto customer = "c-" + id;
    if (auto ok = tenant.records.put("customers", {{"id", customer}}); !ok) return ok;
    Order order;
    order.id = id;
    order.customer_id = customer;
    order.total = *total;
    order.updated_at = long_ago;
    tenant.orders.put_order(std::move(order));
    if (auto ok = tenant.orders.add_payment(id, {"p-" + id, *total, long_ago}); !ok) return ok;
  }
  return {};
}

base::Result<void> add_tenant(const json& seed, Tenant& tenant) {
  const auto none = json::array();
  if (auto ok = add_records("customers", seed.value("customers", none), tenant.records); !ok) return ok;
  const auto records = seed.value("records", json::object());
  for (const auto& [collection, list] : records.items())
    if (auto ok = add_records(collection, list, tenant.records); !ok) return ok;
  if (auto ok = add_orders(seed.value("orders", none), tenant.orders); !ok) return ok;
  if (auto ok = add_payments(seed.value("payments", none), tenant.orders); !ok) return ok;
  return seed.contains("generate") ? generate_orders(seed["generate"], tenant) : base::Result<void>{};
}

}  // namespace

base::Result<void> add_seed(std::string_view document, Sandbox& sandbox) {
  const auto seed = read_object(document);
  if (!seed) return tl::unexpected(seed.error());
  try {
    for (const auto& [name, tenant] : seed->at("tenants").items())
      if (auto ok = add_tenant(tenant, sandbox.open_tenant(name)); !ok) return ok;
  } catch (const json::exception& mistyped) {
    return base::refuse("malformed_body", mistyped.what());
  }
  return {};
}

}  // namespace countersign::sandbox
