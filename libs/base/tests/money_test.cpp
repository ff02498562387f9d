#include "base/money.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace countersign::base {

TEST(MoneyTest, AddsAndSubtractsWithinACurrency) {
  EXPECT_EQ(add({2500, "EUR"}, {1, "EUR"}), (Money{2501, "EUR"}));
  EXPECT_EQ(subtract({2500, "EUR"}, {2501, "EUR"}), (Money{-1, "EUR"}));
}

TEST(MoneyTest, RefusesToMixCurrencies) {
  EXPECT_EQ(add({1, "EUR"}, {1, "USD"}).error().code, "currency_mismatch");
  EXPECT_EQ(subtract({1, "EUR"}, {1, "USD"}).error().code, "currency_mismatch");
}

TEST(MoneyTest, RefusesToOverflow) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(add({most, "EUR"}, {1, "EUR"}).error().code, "amount_overflow");
  EXPECT_EQ(subtract({-most, "EUR"}, {2, "EUR"}).error().code, "amount_overflow");
}

TEST(MoneyTest, ReadsOnlyTheCanonicalFormOfAnAmount) {
  EXPECT_EQ(parse_minor("-2500"), -2500);
  for (const auto* text : {"", "-", "+1", "01", "-0", "1.0", " 1", "1 ", "9223372036854775808", "1e3"})
    EXPECT_FALSE(parse_minor(text)) << text;
}

TEST(MoneyTest, IsWrittenForPeopleInTheCurrencysOwnDecimals) {
  EXPECT_EQ(to_text({2500, "EUR"}), "25.00 EUR");
  EXPECT_EQ(to_text({-5, "EUR"}), "-0.05 EUR");
  EXPECT_EQ(to_text({2500, "JPY"}), "2500 JPY");
  EXPECT_EQ(to_text({2500, "KWD"}), "2.500 KWD");
  EXPECT_EQ(to_text({std::numeric_limits<std::int64_t>::min(), "JPY"}), "-9223372036854775808 JPY");
}

}  // namespace countersign::base
