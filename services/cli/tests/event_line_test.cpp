#include "cli/event_line.hpp"

#include <gtest/gtest.h>

#include "contracts/envelope.hpp"

namespace countersign::cli {
namespace {

EventLineReader reader(bool checked = true) { return EventLineReader{{"tickets", "urn:test", checked}}; }

contracts::Envelope envelope_of(const messaging::Record& record) {
  return contracts::open_envelope(record.headers, record.key, record.value)->envelope;
}

constexpr const char* closed = R"({"type":"ticket.closed","tenant":"acme","ticket_id":"t-1"})";

TEST(EventLineTest, BecomesARecordThatTheConsumersAccept) {
  const auto record =
      reader().read(R"({"type":"ticket.closed","id":"e-1","source":"urn:helpdesk","tenant":"acme","ticket_id":"t-1","reason":"x"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, "acme/t-1");
  EXPECT_EQ(record->value, R"({"reason":"x","tenant":"acme","ticket_id":"t-1"})");
  const auto envelope = envelope_of(*record);
  EXPECT_EQ(envelope.id, "e-1");
  EXPECT_EQ(envelope.source, "urn:helpdesk");
  EXPECT_EQ(envelope.subject, "t-1");
  EXPECT_TRUE(contracts::check_key(envelope, record->key));
}

TEST(EventLineTest, TakesDataFromAMemberOfThatName) {
  const auto record = reader().read(R"({"type":"ticket.closed","data":{"tenant":"acme","ticket_id":"t-1"}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->value, R"({"tenant":"acme","ticket_id":"t-1"})");
}

TEST(EventLineTest, DerivesTheSameIdsWhenAFileIsReadAgain) {
  auto once = reader(), again = reader();
  const auto first = envelope_of(*once.read(closed)).id;
  EXPECT_EQ(first, envelope_of(*again.read(closed)).id);
  EXPECT_NE(first, envelope_of(*once.read(closed)).id) << "an equal line is another event";
}

TEST(EventLineTest, RefusesDataThatTheSchemaDoesNotAdmitUnlessTold) {
  constexpr const char* broken = R"({"type":"ticket.opened","tenant":"acme","ticket_id":"t-1"})";
  EXPECT_FALSE(reader().read(broken));
  EXPECT_TRUE(reader(false).read(broken));
}

TEST(EventLineTest, RefusesWhatHasNoKey) {
  for (const char* line : {"[]", "{", R"({"type":"ticket.closed"})", R"({"type":"ticket.closed","tenant":"a/b","ticket_id":"t"})",
                           R"({"tenant":"acme","ticket_id":"t"})"}) {
    SCOPED_TRACE(line);
    EXPECT_FALSE(reader(false).read(line));
  }
}

}  // namespace
}  // namespace countersign::cli
