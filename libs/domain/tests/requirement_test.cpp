// What people must do before an action may run: how duties add up, when they are met, when an approval is still enough.

#include "domain/requirement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace countersign::domain {
namespace {

Duties duties(std::vector<RoleDuty> roles, std::int64_t quorum = 1, std::optional<std::int64_t> expiry = std::nullopt) {
  return {.roles = std::move(roles), .quorum = quorum, .expires_after_s = expiry};
}

Requirement required(std::vector<RoleDuty> roles, std::int64_t quorum = 1) {
  return combine({{"r", duties(std::move(roles), quorum), false}});
}

Approver person(std::string name, std::set<std::string, std::less<>> roles) { return {.name = std::move(name), .roles = std::move(roles)}; }

TEST(RequirementTest, AddsUpTheDutiesOfAllRules) {
  const auto sum = combine({{"b", duties({{"finance", 1}, {"approver", 2}}, 2, 3'600), false},
                            {"a", duties({{"approver", 1}, {"legal", 1}}, 1), false},
                            {"floor.f.1", duties({{"finance", 2}}, 1, 7'200), true}});
  EXPECT_EQ(sum.rules, (std::vector<std::string>{"a", "b", "floor.f.1"}));
  EXPECT_EQ(sum.roles, (std::vector<RoleDuty>{{"approver", 2}, {"finance", 2}, {"legal", 1}}));
  EXPECT_EQ(sum.quorum, 2);
  EXPECT_EQ(sum.expires_after_s, 3'600);
  EXPECT_TRUE(sum.floor);
}

TEST(RequirementTest, WaitsForEverOnlyIfEverybodyDoes) {
  EXPECT_EQ(combine({{"a", duties({{"x", 1}}), false}, {"b", duties({{"x", 1}}), false}}).expires_after_s, std::nullopt);
  EXPECT_EQ(combine({{"a", duties({{"x", 1}}), false}, {"b", duties({{"x", 1}}, 1, 60), false}}).expires_after_s, 60);
}

TEST(RequirementTest, AsksOneApproverWithinADayByDefault) { EXPECT_EQ(default_duties(), duties({{"approver", 1}}, 1, 86'400)); }

TEST(RequirementTest, IsMetByPeopleOfTheRoles) {
  const auto two = required({{"finance", 1}, {"approver", 2}}, 3);
  const auto ada = person("ada", {"finance", "approver"});
  const auto bob = person("bob", {"approver"});
  const auto carol = person("carol", {"approver"});
  EXPECT_FALSE(satisfied(two, {}));
  EXPECT_FALSE(satisfied(two, {ada, bob}));
  EXPECT_TRUE(satisfied(two, {ada, bob, carol}));
  EXPECT_FALSE(satisfied(two, {bob, carol, person("dan", {"approver"})}));  // nobody of finance
}

TEST(RequirementTest, CountsOnePersonForSeveralRolesUnlessAQuorumForbids) {
  const auto ada = person("ada", {"finance", "approver"});
  EXPECT_TRUE(satisfied(required({{"finance", 1}, {"approver", 1}}), {ada}));
  EXPECT_FALSE(satisfied(required({{"finance", 1}, {"approver", 1}}, 2), {ada}));
}

TEST(RequirementTest, CountsNobodyTwice) {
  const auto two = required({{"approver", 2}}, 2);
  const auto bob = person("bob", {"approver"});
  EXPECT_FALSE(satisfied(two, {bob, bob}));
  EXPECT_FALSE(satisfied(required({{"finance", 1}}), {person("bob", {"approver"}), person("bob", {"finance"})}));
}

TEST(RequirementTest, CountsNobodyWithoutADemandedRole) {
  EXPECT_FALSE(satisfied(required({{"approver", 1}}, 2), {person("ada", {"approver"}), person("bob", {"intern"})}));
  EXPECT_FALSE(satisfied(required({{"approver", 1}}), {person("bob", {})}));
}

TEST(RequirementTest, CountsNobodyWhoIsExcluded) {
  const auto one = exclude(required({{"approver", 1}}), {"ada", "customer-7"});
  EXPECT_FALSE(satisfied(one, {person("ada", {"approver"})}));
  EXPECT_FALSE(satisfied(one, {{.name = "bob", .roles = {"approver"}, .aliases = {"customer-7"}}}));
  EXPECT_TRUE(satisfied(one, {person("carol", {"approver"})}));
}

TEST(RequirementTest, IsNeverMetWhenItNamesNoRoleOrHasStages) {
  EXPECT_FALSE(satisfied({}, {person("ada", {"approver"})}));
  auto staged = required({{"approver", 1}});
  staged.stages = {"first"};
  EXPECT_FALSE(satisfied(staged, {person("ada", {"approver"})}));
}

TEST(RequirementTest, TellsWhoIsMissing) {
  const auto missing = shortfall_of(required({{"finance", 1}, {"approver", 2}}, 2), {person("bob", {"approver"})});
  EXPECT_EQ(missing.roles, (std::vector<RoleDuty>{{"approver", 1}, {"finance", 1}}));
  EXPECT_EQ(missing.people, 1);
  EXPECT_FALSE(missing.none());
}

TEST(RequirementTest, AnApprovalCoversWhatHasNotGrown) {
  const auto approved = exclude(required({{"approver", 2}, {"finance", 1}}, 2), {"customer-7"});
  EXPECT_TRUE(covers(approved, approved));
  EXPECT_TRUE(covers(approved, exclude(required({{"approver", 1}}, 1), {"customer-7"})));
  EXPECT_TRUE(covers(approved, required({{"finance", 1}})));
  EXPECT_FALSE(covers(approved, required({{"approver", 3}})));
  EXPECT_FALSE(covers(approved, required({{"legal", 1}})));
  EXPECT_FALSE(covers(approved, required({{"approver", 1}}, 3)));
  EXPECT_FALSE(covers(approved, exclude(required({{"approver", 1}}), {"ada"})));
}

TEST(RequirementTest, CoverageLooksAtNeitherTimeNorNames) {
  const auto a = combine({{"a", duties({{"x", 1}}, 1, 60), false}});
  const auto b = combine({{"b", duties({{"x", 1}}, 1, 7'200), true}});
  EXPECT_TRUE(covers(a, b));
  EXPECT_TRUE(covers(b, a));
}

// What dice throw: duties over few roles and people, so that they often meet.
class Dice {
 public:
  std::int64_t up_to(std::int64_t most) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most + 1)); }
  Demand demand() {
    Demand one{"r" + std::to_string(up_to(9)), duties({}, 1 + up_to(2)), up_to(1) == 1};
    for (const char* role : {"a", "b", "c"})
      if (up_to(1) == 1) one.duties.roles.push_back({role, 1 + up_to(2)});
    if (up_to(1) == 1) one.duties.expires_after_s = 1 + up_to(1'000);
    return one;
  }
  std::vector<Approver> people() {
    std::vector<Approver> people;
    for (std::int64_t i = up_to(5); i > 0; --i) {
      auto one = person("p" + std::to_string(up_to(5)), {});
      for (const char* role : {"a", "b", "c"})
        if (up_to(1) == 1) one.roles.insert(role);
      people.push_back(std::move(one));
    }
    return people;
  }

 private:
  std::mt19937_64 random_{4};
};

TEST(RequirementPropertyTest, OrderDoesNotMatterAndMoreDutiesAreNeverEasier) {
  Dice dice;
  int met = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::vector<Demand> demands{dice.demand(), dice.demand(), dice.demand()};
    const auto sum = combine(demands);
    const auto people = dice.people();
    for (const auto& one : demands) {
      ASSERT_TRUE(covers(sum, combine({one})));
      if (satisfied(sum, people) && !one.duties.roles.empty()) {
        const auto only_theirs = combine({one});
        // People of roles that this duty does not name may have filled the quorum.
        ASSERT_TRUE(shortfall_of(only_theirs, people).roles.empty());
      }
    }
    met += satisfied(sum, people);
    std::reverse(demands.begin(), demands.end());
    ASSERT_EQ(combine(demands), sum);
    ASSERT_EQ(combine(combine({demands[0]}), combine({demands[1], demands[2]})), sum);
  }
  EXPECT_GT(met, 50);
}

}  // namespace
}  // namespace countersign::domain
