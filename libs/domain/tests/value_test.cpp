#include "domain/value.hpp"

#include <gtest/gtest.h>

#include "domain/arithmetic.hpp"

namespace countersign::domain {
namespace {

using base::Money;

Pointer at(std::string_view text) { return *Pointer::parse(text); }

const Value document = Value::Object{{"fields", Value::Object{{"order_id", "ord-1"}, {"a/b", 1}, {"m~n", 2}, {"", 3}, {"none", nullptr}}},
                                     {"lines", Value::List{"first", Value::Object{{"sku", "x"}}}},
                                     {"amount", Money{2500, "EUR"}}};

TEST(PointerTest, FindsWhatItPointsAt) {
  EXPECT_EQ(*find_at(document, at("/fields/order_id")), Value("ord-1"));
  EXPECT_EQ(*find_at(document, at("/fields/a~1b")), Value(1));
  EXPECT_EQ(*find_at(document, at("/fields/m~0n")), Value(2));
  EXPECT_EQ(*find_at(document, at("/fields/")), Value(3));
  EXPECT_EQ(*find_at(document, at("/lines/1/sku")), Value("x"));
  EXPECT_EQ(*find_at(document, at("")), document);
  EXPECT_TRUE(find_at(document, at("/fields/none"))->null());
}

TEST(PointerTest, FindsNothingWhereThereIsNothing) {
  for (const char* text :
       {"/fields/absent", "/lines/2", "/lines/-", "/lines/01", "/lines/+1", "/lines/ 1", "/lines/-1", "/lines/99999999999999999999",
        "/lines/first", "/lines/", "/fields/order_id/x", "/amount/minor", "/fields/none/x", "fields"}) {
    const auto pointer = Pointer::parse(text);
    if (pointer) {
      EXPECT_EQ(find_at(document, *pointer), nullptr) << text;
    }
  }
}

TEST(PointerTest, RefusesWhatIsNoPointer) {
  for (const std::string& text : {std::string("x"), std::string("/~"), std::string("/~2"), std::string("/a~"), std::string("/a\nb"),
                                  std::string("/a\0b", 4), "/" + std::string(1024, 'x'), std::string(33, '/')}) {
    const auto pointer = Pointer::parse(text);
    ASSERT_FALSE(pointer) << text;
    EXPECT_EQ(pointer.error().code, "pointer_invalid");
  }
}

TEST(PointerTest, EscapesTheNameOfAChild) {
  EXPECT_EQ(at("/a").child("b/c~d").text(), "/a/b~1c~0d");
  EXPECT_EQ(at("/a").child("b/c~d"), at("/a/b~1c~0d"));
  EXPECT_EQ(at("/a").child("b/c~d").tokens(), at("/a/b~1c~0d").tokens());
}

TEST(ValueTest, EqualityNeedsTheSameType) {
  const std::vector<Value> all{nullptr,         true,          1, "1", Money{1, "EUR"}, Money{1, "USD"}, base::WallTime{}, Value::List{},
                               Value::Object{}, Value::List{1}};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j) EXPECT_EQ(all[i] == all[j], i == j) << i << " " << j;
}

TEST(ArithmeticTest, AddsTakesAwayAndPicks) {
  EXPECT_EQ(sum_of({1, 2, 3}), Value(6));
  EXPECT_EQ(sum_of({Money{1, "EUR"}, Money{2, "EUR"}}), Value(Money{3, "EUR"}));
  EXPECT_EQ(difference_of({10, 3, 2}), Value(5));
  EXPECT_EQ(difference_of({Money{1, "EUR"}, Money{2, "EUR"}}), Value(Money{-1, "EUR"}));
  EXPECT_EQ(min_of({3, 1, 2}), Value(1));
  EXPECT_EQ(max_of({3, 1, 2}), Value(3));
  EXPECT_EQ(min_of({Money{3, "EUR"}}), Value(Money{3, "EUR"}));
}

TEST(ArithmeticTest, RefusesWhatDoesNotGoTogether) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(sum_of({most, 1}).error().code, "amount_overflow");
  EXPECT_EQ(difference_of({-2, most}).error().code, "amount_overflow");
  EXPECT_EQ(sum_of({Money{most, "EUR"}, Money{1, "EUR"}}).error().code, "amount_overflow");
  EXPECT_EQ(sum_of({Money{1, "EUR"}, Money{1, "USD"}}).error().code, "currency_mismatch");
  EXPECT_EQ(min_of({Money{1, "EUR"}, Money{1, "USD"}}).error().code, "currency_mismatch");
  for (const auto& inputs :
       std::vector<std::vector<Value>>{{}, {"1"}, {1, Money{1, "EUR"}}, {nullptr}, {true}, {1, "2"}, {Value::List{1}}}) {
    EXPECT_EQ(sum_of(inputs).error().code, "type_mismatch");
    EXPECT_EQ(min_of(inputs).error().code, "type_mismatch");
  }
  EXPECT_EQ(difference_of({1}).error().code, "type_mismatch");
}

TEST(ArithmeticTest, OrdersOnlyWhatHasAnOrder) {
  EXPECT_TRUE(*order_of(1, 2) < 0);
  EXPECT_TRUE(*order_of(Money{2, "EUR"}, Money{1, "EUR"}) > 0);
  EXPECT_FALSE(order_of("10", "9"));
  EXPECT_FALSE(order_of(true, false));
  EXPECT_FALSE(order_of(1, Money{1, "EUR"}));
  EXPECT_FALSE(order_of(Money{1, "USD"}, Money{1, "EUR"}));
  EXPECT_FALSE(order_of(nullptr, nullptr));
}

TEST(ArithmeticTest, ComparesOnlyWhatCanBeEqual) {
  EXPECT_EQ(equality_of("a", "a"), true);
  EXPECT_EQ(equality_of("a", "b"), false);
  EXPECT_EQ(equality_of(true, false), false);
  EXPECT_FALSE(equality_of("1", 1));
  EXPECT_FALSE(equality_of(nullptr, nullptr));
  EXPECT_FALSE(equality_of(Money{1, "USD"}, Money{1, "EUR"}));
  EXPECT_FALSE(equality_of(Value::List{}, Value::List{}));
}

}  // namespace
}  // namespace countersign::domain
