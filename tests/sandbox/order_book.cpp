#include "sandbox/order_book.hpp"

#include <limits>

namespace countersign::sandbox {
namespace {

base::Result<void> check_amount(const Order& order, const base::Money& amount) {
  if (amount.currency != order.total.currency)
    return base::refuse("currency_mismatch", "order " + order.id + " is in " + order.total.currency + ", not " + amount.currency);
  if (amount.minor <= 0) return base::refuse("amount_not_positive", "an amount must be above zero");
  return {};
}

std::string status_after_refund(const Order& order) {
  if (order.refunded_minor == 0) return "paid";
  return order.refunded_minor == order.captured_minor ? "refunded" : "partially_refunded";
}

}  // namespace

void OrderBook::put_order(Order order) {
  auto id = order.id;
  orders_[std::move(id)] = std::move(order);
}

base::Result<void> OrderBook::add_payment(const std::string& order_id, Payment payment) {
  const auto found = orders_.find(order_id);
  if (found == orders_.end()) return base::refuse("unknown_order", "payment " + payment.id + " names no known order");
  Order& order = found->second;
  if (auto ok = check_amount(order, payment.amount); !ok) return ok;
  for (const auto& known : order.payments)
    if (known.id == payment.id) return base::refuse("duplicate_payment", "order " + order_id + " already has payment " + payment.id);
  if (payment.amount.minor > std::numeric_limits<std::int64_t>::max() - order.captured_minor)
    return base::refuse("amount_overflow", "the payments of order " + order_id + " do not fit in 64 bits");
  order.captured_minor += payment.amount.minor;
  order.payments.push_back(std::move(payment));
  return {};
}

const Order* OrderBook::find_order(std::string_view id) const {
  const auto found = orders_.find(std::string(id));
  return found == orders_.end() ? nullptr : &found->second;
}

base::Result<Order> OrderBook::order_after(const std::string& order_id, const base::Money& amount) const {
  const auto* found = find_order(order_id);
  if (found == nullptr) return base::refuse("unknown_order", "there is no order " + order_id);
  Order order = *found;
  if (auto ok = check_amount(order, amount); !ok) return tl::unexpected(ok.error());
  const auto remaining = order.captured_minor - order.refunded_minor;
  if (amount.minor > remaining)
    return base::refuse("amount_above_remaining", "only " + base::to_text({remaining, order.total.currency}) + " can be given back");
  order.refunded_minor += amount.minor;
  order.status = status_after_refund(order);
  ++order.version;
  return order;
}

base::Result<void> OrderBook::change(const std::string& order_id, const Change& change) {
  const auto found = orders_.find(order_id);
  if (found == orders_.end()) return base::refuse("unknown_order", "there is no order " + order_id);
  Order& order = found->second;
  if (change.refunded_minor) {
    if (*change.refunded_minor < 0 || *change.refunded_minor > order.captured_minor)
      return base::refuse("amount_above_captured", "no more can be given back than was captured");
    order.refunded_minor = *change.refunded_minor;
    order.status = status_after_refund(order);
  }
  if (change.status) order.status = *change.status;
  ++order.version;
  return {};
}

base::Result<Refund> OrderBook::refund(const std::string& order_id, const base::Money& amount, std::string reason, std::string key,
                                       std::string now) {
  auto after = order_after(order_id, amount);
  if (!after) return tl::unexpected(after.error());
  after->updated_at = std::move(now);
  put_order(*std::move(after));

  const auto position = refunds_.size();
  refunds_.push_back({"re_" + std::to_string(position + 1), order_id, amount, std::move(reason), std::move(key)});
  refunds_of_order_[order_id].push_back(position);
  if (!refunds_.back().key.empty()) refunds_by_key_[refunds_.back().key].push_back(position);
  return refunds_.back();
}

std::vector<Refund> OrderBook::refunds_by_key(std::string_view key) const { return pick(refunds_by_key_, key); }

std::vector<Refund> OrderBook::refunds_of_order(std::string_view order_id) const { return pick(refunds_of_order_, order_id); }

std::vector<Refund> OrderBook::pick(const Positions& index, std::string_view name) const {
  std::vector<Refund> out;
  const auto found = index.find(std::string(name));
  if (found == index.end()) return out;
  for (const auto position : found->second) out.push_back(refunds_[position]);
  return out;
}

}  // namespace countersign::sandbox
