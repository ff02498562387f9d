// ServiceCore: which loops there are, and that they stop in an order in which nothing is left behind.

#include <thread>

#include "approval/territory.hpp"
#include "base/bell.hpp"
#include "foundation/testing/service_lab.hpp"

namespace countersign::foundation {
namespace {

// Owes a message for each that it hears.
class Echo final : public pipeline::Handler {
 public:
  bool wants(std::string_view) const override { return true; }
  base::Result<std::any> decode(const contracts::Envelope&, std::string_view data, std::string_view) const override {
    return std::any(std::string(data));
  }
  void apply(pipeline::Batch& batch) override {
    for (const auto& [key, arrivals] : batch.arrivals())
      for (const auto& arrival : arrivals)
        batch.emit({"notices", key, "notice.requested", "acme", "T-1", std::any_cast<std::string>(arrival.body), {}});
  }
  void committed() override { heard.ring(); }

  base::Bell heard;
};

TEST(ServiceCoreTest, FindsTheTopicsOfAllRealms) {
  using Topics = std::vector<std::string>;
  EXPECT_EQ(pipeline::topics_of_realms("tickets", {"tickets", "tickets.acme", "tickets-old", "ticketsx"}),
            (Topics{"tickets", "tickets.acme"}));
  EXPECT_EQ(pipeline::topics_of_realms("tickets", {}), Topics{"tickets"});
}

TEST(ServiceCoreTest, StopsInReverseAndLeavesNothingBehind) {
  testing::ServiceLab lab{approval::territory(), {"referrals", "approvals", "handoffs", "verdicts", "notices"}, {}};
  Echo echo;
  base::Bell done;
  lab.core().add_chore("chore", std::chrono::hours{1}, [&](postgres::Session&) { done.ring(); });
  lab.core().add_stage(echo, {.topic = "referrals"});
  lab.send({.topic = "referrals", .type = "probe", .data = "{}", .sequence = 1});

  std::vector<std::string> names;
  std::vector<std::jthread> threads;
  for (auto& loop : lab.core().named_loops()) {
    names.push_back(loop.name);
    threads.emplace_back(loop.run);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"incarnation", "publisher", "time partitions", "chore", "stage referrals"}));
  EXPECT_TRUE(done.wait({}, std::chrono::seconds{30}));
  EXPECT_TRUE(echo.heard.wait({}, std::chrono::seconds{30}));
  while (!threads.empty()) {
    threads.back().request_stop();
    threads.pop_back();  // joins
  }

  EXPECT_EQ(lab.broker().messages("notices").size(), 1u);
  EXPECT_EQ(lab.number("owed", "SELECT count(*) FROM outbox"), 0);
  EXPECT_EQ(lab.number("living", "SELECT count(*) FROM incarnation WHERE lease_until > clock_timestamp()"), 0);
}

TEST(ServiceCoreTest, RefusesASchemaOfAnotherBuild) {
  auto territory = approval::territory();
  std::swap(territory.outputs[0], territory.outputs[1]);
  const std::vector<std::string> topics{"approvals", "handoffs", "verdicts", "notices"};
  EXPECT_THROW(testing::ServiceLab(territory, topics, {}), base::Misconfigured);
}

}  // namespace
}  // namespace countersign::foundation
