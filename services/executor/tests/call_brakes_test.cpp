#include "executor/call_brakes.hpp"

#include <gtest/gtest.h>

namespace countersign::executor {

namespace {

using namespace std::chrono_literals;

struct CallBrakesTest : ::testing::Test {
  telemetry::Log log{"executor", "test", telemetry::Level::error};
  telemetry::Metrics metrics;
  CallBrakes brakes{"calls", {log, metrics}};
  catalog::ToolManifest tool = named("refund", "*");
  base::SteadyTime now{};

  static catalog::ToolManifest named(const char* name, const char* tenant) {
    catalog::ToolManifest manifest;
    manifest.tenant = tenant;
    manifest.name = name;
    manifest.version = 1;
    return manifest;
  }
  bool held(const std::string& tenant, bool repetition = false) { return brakes.hold_back(tenant, tool, repetition, now).has_value(); }
  void fail_often(const std::string& tenant) {
    for (int i = 0; i < 10; ++i) brakes.hear(tenant, tool, false, now);
  }
};

}  // namespace

TEST_F(CallBrakesTest, HoldsBackCallsToASilentToolOfOneTenantOnly) {
  fail_often("acme");
  EXPECT_TRUE(held("acme"));
  EXPECT_FALSE(held("globex"));
  now += 1s;
  EXPECT_FALSE(held("acme"));
  brakes.hear("acme", tool, true, now);
  EXPECT_FALSE(held("acme"));
}

TEST_F(CallBrakesTest, BeginsAnewWithTheNextVersionOfAManifest) {
  fail_often("acme");
  tool.version = 2;
  EXPECT_FALSE(held("acme"));
}

TEST_F(CallBrakesTest, HoldsBackRepetitionsBeyondTheToolsBudgetWhoeverWantsThem) {
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(held(i % 2 == 0 ? "acme" : "globex", true));
  EXPECT_TRUE(held("acme", true));
  EXPECT_TRUE(held("globex", true));
  EXPECT_FALSE(held("acme"));
  tool = named("refund", "acme");
  EXPECT_FALSE(held("acme", true)) << "a tenant's own tool has its own budget";
}

TEST_F(CallBrakesTest, GrudgesNoProbe) {
  for (int i = 0; i < 50; ++i) held("acme", true);
  fail_often("acme");
  now += 1s;
  EXPECT_FALSE(held("acme", true));
}

}  // namespace countersign::executor
