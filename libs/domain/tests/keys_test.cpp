#include "domain/keys.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace countersign::domain {
namespace {

std::vector<Pointer> at(std::initializer_list<const char*> texts) {
  std::vector<Pointer> pointers;
  for (const char* text : texts) pointers.push_back(*Pointer::parse(text));
  return pointers;
}

TEST(KeysTest, TheTextsNeverChange) {
  EXPECT_EQ(idempotency_key_text({"acme", "T-1", 2, 13}), "25:countersign.idempotency.1,4:acme,3:T-1,1:2,2:13,");
  EXPECT_EQ(operation_key_text({"acme", "refund", *operation_target_text(Value::Object{{"order_id", "o1"}}, at({"/order_id"}))}),
            "23:countersign.operation.1,4:acme,6:refund,12:4:text,2:o1,,");
}

TEST(KeysTest, NoTwoIdentitiesShareAText) {
  const std::vector<std::string> names{"", "a", "ab", "b", "1:a,", "a,1:b", ":", ",", "1", "11", "a/b", std::string("\0", 1)};
  std::set<std::string> texts;
  std::size_t count = 0;
  for (const auto& tenant : names)
    for (const auto& ticket : names)
      for (const int run : {1, 11})
        for (const int step : {1, 11}) {
          texts.insert(idempotency_key_text({tenant, ticket, run, step}));
          ++count;
        }
  for (const auto& tenant : names)
    for (const auto& operation : names)
      for (const auto& target : names) {
        texts.insert(operation_key_text({tenant, operation, target}));
        ++count;
      }
  EXPECT_EQ(texts.size(), count);
}

TEST(KeysTest, ACentLessIsTheSameOperation) {
  const auto key = at({"/order_id"});
  const Value full = Value::Object{{"order_id", "o1"}, {"amount", base::Money{2500, "EUR"}}, {"reason", "damaged"}};
  const Value less = Value::Object{{"order_id", "o1"}, {"amount", base::Money{2499, "EUR"}}};
  EXPECT_EQ(operation_target_text(full, key), operation_target_text(less, key));
  EXPECT_NE(operation_target_text(full, key), operation_target_text(Value::Object{{"order_id", "o2"}}, key));
}

TEST(KeysTest, ATargetKeepsItsTypesAndItsOrder) {
  const auto target = [](Value a, Value b) {
    return *operation_target_text(Value::Object{{"a", std::move(a)}, {"b", std::move(b)}}, at({"/a", "/b"}));
  };
  EXPECT_NE(target("1", 2), target(1, 2));
  EXPECT_NE(target("true", 1), target(true, 1));
  EXPECT_NE(target("x", "y"), target("y", "x"));
  EXPECT_NE(target("x", "yz"), target("xy", "z"));
}

TEST(KeysTest, RefusesATargetThatNamesNothing) {
  const auto code = [](Value value) { return operation_target_text(Value::Object{{"a", std::move(value)}}, at({"/a"})).error().code; };
  EXPECT_EQ(code(nullptr), "operation_target_absent");
  EXPECT_EQ(code(""), "operation_target_absent");
  EXPECT_EQ(code(Value::List{"x"}), "operation_target_invalid");
  EXPECT_EQ(code(base::Money{1, "EUR"}), "operation_target_invalid");
  EXPECT_EQ(operation_target_text(Value::Object{}, at({"/a"})).error().code, "operation_target_absent");
  EXPECT_EQ(operation_target_text(Value::Object{{"a", "x"}}, {}).error().code, "operation_target_absent");
}

}  // namespace
}  // namespace countersign::domain
