#include "pipeline/incarnation.hpp"

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

using Cut = postgres::testing::CuttingProxy::Cut;

class IncarnationTest : public ProbeTest {
 protected:
  std::unique_ptr<Life> start_through_proxy() { return start_with(options(), "probe-0", proxy.through(settings().conninfo)); }
  // Leaves the beginning of the next life in doubt.
  void lose_commit(Life& life, Cut cut) {
    proxy.cut_at("COMMIT", cut);
    EXPECT_THROW(life.incarnation.renew_identity(life.incarnation.current()), postgres::CommitInDoubt);
  }
  std::int64_t alive() { return count("incarnation WHERE lease_until > clock_timestamp()"); }
  std::int64_t lives() { return count("incarnation"); }

  postgres::testing::CuttingProxy proxy{database.server().host(), database.server().port()};
};

TEST_F(IncarnationTest, DoesNotTakeALifeInDoubtForARival) {
  handler.echo = true;
  auto life = start_through_proxy();
  send("acme/t1", 1);
  run(*life, 1);
  const auto stale = life->incarnation.current();
  lose_commit(*life, Cut::before_answer);
  EXPECT_EQ(life->incarnation.current(), stale) << "nobody knows yet";
  EXPECT_EQ(lives(), 2) << "it did happen";
  EXPECT_FALSE(life->incarnation.has_rival());
  EXPECT_NE(life->incarnation.current(), stale);
  EXPECT_EQ(lives(), 2) << "the life that was begun is the one that goes on";
  EXPECT_EQ(alive(), 1);
  EXPECT_EQ(count("outbox WHERE incarnation = '" + life->incarnation.current().str() + "'"), 1);
}

TEST_F(IncarnationTest, BeginsTheSameLifeAgainWhicheverWayTheCommitWent) {
  for (const auto cut : {Cut::before_answer, Cut::before_request}) {
    auto life = start_through_proxy();
    const auto before = lives();
    const auto stale = life->incarnation.current();
    lose_commit(*life, cut);
    life->incarnation.renew_once();
    EXPECT_NE(life->incarnation.current(), stale);
    EXPECT_EQ(lives(), before + 1);
    EXPECT_EQ(alive(), 1);
    life->incarnation.renew_once();
    EXPECT_EQ(lives(), before + 1) << "nothing is in doubt any more";
  }
}

TEST_F(IncarnationTest, StillFindsItsSuccessorAfterADoubt) {
  auto older = start_through_proxy();
  lose_commit(*older, Cut::before_answer);
  auto newer = start("probe-0");
  EXPECT_TRUE(older->incarnation.has_rival());
}

TEST_F(IncarnationTest, EndsTheLifeInDoubtAsWell) {
  auto life = start_through_proxy();
  lose_commit(*life, Cut::before_answer);
  life->incarnation.end();
  EXPECT_EQ(alive(), 0);
}

}  // namespace countersign::pipeline::testing
