#pragma once

// OrderBook: one tenant's orders, what was paid for them and what was given back.
//
// Promise    The refunds of an order never exceed what was captured for it; every change raises the order's version by one.
// Not ours   Idempotency keys: key_ledger.hpp. A refund asked for twice is given twice.
// Threads    One.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.hpp"

namespace countersign::sandbox {

struct Payment {
  std::string id;
  base::Money amount;
  std::string captured_at;
};

struct Order {
  std::string id;
  std::string customer_id;
  std::string status = "paid";
  base::Money total;
  std::string updated_at;
  std::uint64_t version = 1;
  std::vector<Payment> payments;
  std::int64_t captured_minor = 0;
  std::int64_t refunded_minor = 0;
};

struct Refund {
  std::string id;
  std::string order_id;
  base::Money amount;
  std::string reason;
  std::string key;  // empty when the caller sent none
};

class OrderBook {
 public:
  // Replaces what has the same id.
  void put_order(Order order);
  // Refuses `unknown_order`, `currency_mismatch`, `amount_not_positive`, `duplicate_payment`, `amount_overflow`.
  base::Result<void> add_payment(const std::string& order_id, Payment payment);

  const Order* find_order(std::string_view id) const;

  // Refuses `unknown_order`, `currency_mismatch`, `amount_not_positive`, `amount_above_remaining`.
  base::Result<Refund> refund(const std::string& order_id, const base::Money& amount, std::string reason, std::string key, std::string now);
  // What the refund would leave behind. Refuses as refund() does.
  base::Result<Order> order_after(const std::string& order_id, const base::Money& amount) const;
  // Another hand than the fleet's; absent members stay. Refuses `unknown_order`, `amount_above_captured`.
  struct Change {
    std::optional<std::int64_t> refunded_minor;
    std::optional<std::string> status;
  };
  base::Result<void> change(const std::string& order_id, const Change& change);
  std::vector<Refund> refunds_by_key(std::string_view key) const;
  std::vector<Refund> refunds_of_order(std::string_view order_id) const;

 private:
  using Positions = std::unordered_map<std::string, std::vector<std::size_t>>;
  std::vector<Refund> pick(const Positions& index, std::string_view name) const;

  std::unordered_map<std::string, Order> orders_;
  std::deque<Refund> refunds_;
  Positions refunds_by_key_;
  Positions refunds_of_order_;
};

}  // namespace countersign::sandbox
