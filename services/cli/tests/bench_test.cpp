#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/bench_generator.hpp"
#include "cli/bench_pace.hpp"
#include "cli/bench_report.hpp"
#include "cli/exit_codes.hpp"

namespace countersign::cli {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t milli = 1'000'000;

TEST(BenchPaceTest, SendsAtEvenTimes) {
  const auto times = intended_times({1500, seconds{2}, {}});
  ASSERT_EQ(times.size(), 3000U);
  EXPECT_EQ(times[0], nanoseconds{0});
  EXPECT_EQ(times[1500], seconds{1}) << "gaps do not add up to a drift";
}

TEST(BenchPaceTest, DrawsTheSameGapsFromTheSameSeed) {
  const BenchPace pace{1000, seconds{10}, 7};
  const auto times = intended_times(pace);
  ASSERT_EQ(times.size(), 10'000U);
  EXPECT_EQ(times, intended_times(pace));
  EXPECT_NE(times, intended_times({1000, seconds{10}, 8}));
  EXPECT_NEAR(std::chrono::duration<double>(times.back()).count(), 10, 0.5);
  std::size_t short_gaps = 0;
  for (std::size_t i = 1; i < times.size(); ++i) short_gaps += times[i] - times[i - 1] < nanoseconds{milli};
  EXPECT_NEAR(static_cast<double>(short_gaps) / 1e4, 0.632, 0.02) << "of exponential gaps, 1 - 1/e are shorter than the mean";
}

TEST(BenchBookTest, FindsTheTicketThatATextNames) {
  const BenchBook book{"run1", 20};
  EXPECT_EQ(book.name_of(0), "run1-1");
  EXPECT_EQ(book.find_named_in(R"({"ticket_id":"run1-12","tenant":"acme"})"), 11U);
  EXPECT_EQ(book.find_named_in(R"({"ticket_id":"run1-21"})"), std::nullopt) << "there are 20";
  EXPECT_EQ(book.find_named_in(R"({"ticket_id":"run2-1"})"), std::nullopt);
  EXPECT_EQ(book.find_named_in("run1-x run1-3"), 2U);
  EXPECT_EQ(book.find_named_in(""), std::nullopt);
}

TEST(BenchBookTest, TellsACopyFromASecondWebhook) {
  BenchBook book{"r", 1};
  book.note_webhook(0, "msg_1", 5);
  book.note_webhook(0, "msg_1", 6);
  book.note_webhook(0, "msg_2", 7);
  const auto& ticket = book.tickets()[0];
  EXPECT_EQ(ticket.webhook, 5) << "the first receipt counts";
  EXPECT_EQ(ticket.copies, 1);
  EXPECT_EQ(ticket.strangers, 1);
  EXPECT_EQ(book.finished(), 1U);
}

TEST(BenchBookTest, WritesALineForEachTicket) {
  BenchBook book{"r", 2};
  book.set_intended(1, 7);
  std::ostringstream out;
  book.write_csv(out);
  EXPECT_EQ(out.str(),
            "ticket,intended_ns,offered_ns,webhook_ns,copies,strangers,effect_ns,effects\nr-1,0,0,0,0,0,0,0\nr-2,7,0,0,0,0,0,0\n");
}

// A hundred tickets a second for ten seconds after one second of warming up.
class BenchReportTest : public testing::Test {
 protected:
  BenchReportTest() : book_{"r", 1100} {
    for (std::size_t i = 0; i < book_.size(); ++i) book_.set_intended(i, second + static_cast<std::int64_t>(i) * 10 * milli);
  }

  void end_all_after(std::int64_t latency) {
    for (std::size_t i = 0; i < book_.size(); ++i) end(i, latency);
  }
  void end(std::size_t index, std::int64_t latency) {
    const auto at = book_.tickets()[index].intended;
    book_.set_offered(index, at + milli);
    book_.note_effect(index, at + latency / 2);
    book_.note_webhook(index, "msg_" + std::to_string(index), at + latency);
  }
  BenchReport report() const { return BenchReport{book_, {100, 2 * second, 12 * second, 20 * second, true}}; }

  BenchBook book_;
};

TEST_F(BenchReportTest, CountsFromTheIntendedTime) {
  end_all_after(30 * milli);
  const auto found = report();
  EXPECT_EQ(found.measured(), 1000U) << "warming up is left out";
  EXPECT_NEAR(static_cast<double>(found.sink().percentile(50).count()), 30'000, 300);
  EXPECT_NEAR(static_cast<double>(found.tool().percentile(50).count()), 15'000, 150);
  EXPECT_NEAR(static_cast<double>(found.lag().percentile(50).count()), 1'000, 10);
  EXPECT_NEAR(found.offered_rate(), 100, 0.1);
  EXPECT_NEAR(found.achieved_rate(), 100, 0.5);
  EXPECT_NEAR(found.backlog().slope, 0, 0.05);
  EXPECT_EQ(found.unfinished() + found.copies() + found.strangers() + found.idle() + found.repeated(), 0U);
}

TEST_F(BenchReportTest, CountsWhatIsUnfinishedWithTheTimeItHasWaited) {
  end_all_after(30 * milli);
  BenchBook book{"r", 1100};
  for (std::size_t i = 0; i < book.size(); ++i) {
    book.set_intended(i, book_.tickets()[i].intended);
    if (i != 600) book.note_webhook(i, "m", book_.tickets()[i].webhook);
  }
  const BenchReport found{book, {100, 2 * second, 12 * second, 20 * second, true}};
  EXPECT_EQ(found.unfinished(), 1U);
  EXPECT_EQ(found.measured(), 1000U);
  EXPECT_GE(found.sink().longest_seen(), seconds{13}) << "it was meant to be sent after 7 seconds, and the waiting ended after 20";
}

TEST_F(BenchReportTest, SeesABacklogThatGrows) {
  for (std::size_t i = 0; i < book_.size(); ++i) end(i, static_cast<std::int64_t>(i) * 5 * milli);  // half as fast as it should be
  EXPECT_NEAR(report().backlog().slope, 33, 2) << "it does two thirds of what it is offered";
  EXPECT_GT(report().drain_seconds(), 4);
}

TEST_F(BenchReportTest, SaysOfEachSecondWhatWasSentInIt) {
  end_all_after(30 * milli);
  const auto found = report().document();
  ASSERT_EQ(found["seconds"].size(), 10U);
  EXPECT_EQ(found["seconds"][4]["sent"], 100);
  EXPECT_EQ(found["seconds"][4]["received"], 100);
  EXPECT_EQ(found["sink"]["count"], 1000);
}

TEST(BenchTemplateTest, NamesTheTicketWhereverItIsWanted) {
  const BenchTemplate event{
      R"({"requester": {"id": "c-{ticket}"}, "subject": "s", "text": "t", "fields": {"item": "{ticket}"}})", "tickets", {"acme", "globex"}};
  const auto record = event.record(1, "r-2");
  EXPECT_EQ(record.key, "globex/r-2");
  EXPECT_EQ(record.topic, "tickets");
  const auto data = nlohmann::json::parse(*record.value);
  EXPECT_EQ(data["requester"]["id"], "c-r-2");
  EXPECT_EQ(data["fields"]["item"], "r-2");
  EXPECT_EQ(data["ticket_id"], "r-2");
  EXPECT_EQ(data["tenant"], "globex");
}

TEST(BenchTemplateTest, RefusesWhatNoFleetWouldTake) {
  EXPECT_THROW((BenchTemplate{"[]", "tickets", {"acme"}}), BadInput);
  EXPECT_THROW((BenchTemplate{R"({"requester": 7})", "tickets", {"acme"}}), BadInput);
}

}  // namespace
}  // namespace countersign::cli
