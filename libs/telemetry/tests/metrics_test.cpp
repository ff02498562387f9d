#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::telemetry {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, TheSameNameAndLabelsGiveTheSameObject) {
  Metrics metrics;
  auto& first = metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "acme"}});
  EXPECT_EQ(&first, &metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "acme"}}));
  EXPECT_NE(&first, &metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "globex"}}));
}

TEST(MetricsTest, ExposesUnderThePrefix) {
  Metrics metrics;
  metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "acme"}}).add(2);
  metrics.gauge("lanes", "Lanes running.").set(3);
  metrics.histogram("batch_seconds", "Time of a batch.", Metrics::seconds_buckets()).observe(0.002);
  const auto text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("countersign_tickets_total{tenant=\"acme\"} 2"));
  EXPECT_THAT(text, HasSubstr("# HELP countersign_lanes Lanes running."));
  EXPECT_THAT(text, HasSubstr("countersign_lanes 3"));
  EXPECT_THAT(text, HasSubstr("countersign_batch_seconds_bucket{le=\"0.0025\"} 1"));
}

TEST(MetricsTest, HostileLabelValuesStayOnTheirLine) {
  Metrics metrics;
  metrics.counter("odd_total", "Odd.", {{"kind", "a\"}\nforged 1\\"}}).add();
  EXPECT_THAT(metrics.expose(), HasSubstr(R"({kind="a\"}\nforged 1\\"} 1)"));
}

TEST(MetricsTest, RefreshesBeforeEveryScrape) {
  Metrics metrics;
  double depth = 0;
  metrics.before_scrape([&] { metrics.gauge("queue_depth", "Waiting.").set(++depth); });
  EXPECT_THAT(metrics.expose(), HasSubstr("countersign_queue_depth 1"));
  EXPECT_THAT(metrics.expose(), HasSubstr("countersign_queue_depth 2"));
}

TEST(MetricsTest, ListsWhatIsRegistered) {
  Metrics metrics;
  metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "a"}});
  metrics.counter("tickets_total", "Tickets accepted.", {{"tenant", "b"}});
  EXPECT_THAT(metrics.catalogue(), testing::ElementsAre(testing::ElementsAre("countersign_tickets_total", "counter", "Tickets accepted.")));
}

TEST(MetricsDeathTest, ANameCannotHaveTwoTypes) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  metrics.counter("tickets_total", "Tickets accepted.");
  EXPECT_DEATH(metrics.gauge("tickets_total", "Tickets accepted."), "one type");
}

}  // namespace
}  // namespace countersign::telemetry
