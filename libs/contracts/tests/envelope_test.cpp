#include "contracts/envelope.hpp"

#include <gtest/gtest.h>

namespace countersign::contracts {
namespace {

base::Headers binary_headers() {
  return {{"ce_specversion", "1.0"},
          {"ce_id", "1234-1234-1234"},
          {"ce_type", "com.example.someevent"},
          {"ce_source", "/mycontext/subcontext"},
          {"ce_time", "2018-04-05T03:56:24Z"},
          {"content-type", "application/json"}};
}

base::Headers with(base::Headers headers, const std::string& name, const std::string& value) {
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  headers.emplace_back(name, value);
  return headers;
}

base::Headers without(base::Headers headers, const std::string& name) {
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  return headers;
}

std::string code_of(const base::Headers& headers, const std::optional<std::string>& value = "{}") {
  const auto opened = open_envelope(headers, value);
  return opened ? "" : opened.error().code;
}

void expect_the_example(const Opened& opened) {
  EXPECT_EQ(opened.envelope.id, "1234-1234-1234");
  EXPECT_EQ(opened.envelope.type, "com.example.someevent");
  EXPECT_EQ(opened.envelope.source, "/mycontext/subcontext");
  EXPECT_EQ(opened.envelope.time, "2018-04-05T03:56:24Z");
}

const std::string structured = R"({"specversion":"1.0","type":"com.example.someevent","time":"2018-04-05T03:56:24Z","id":"1234-1234-1234",
    "source":"/mycontext/subcontext","datacontenttype":"application/json","data":{"message":"Hello World!"}})";

// The two scenarios of the Kafka protocol binding's conformance feature.
TEST(Envelope, OpensBinaryMode) {
  const std::optional<std::string> value = R"({"message": "Hello World!"})";
  const auto opened = open_envelope(binary_headers(), value);
  ASSERT_TRUE(opened);
  expect_the_example(*opened);
  EXPECT_EQ(opened->data(), *value);
}

TEST(Envelope, OpensStructuredMode) {
  for (const char* type : {"application/cloudevents+json", "application/cloudevents+json; charset=utf-8", "Application/CloudEvents+JSON"}) {
    const auto opened = open_envelope({{"content-type", type}}, structured);
    ASSERT_TRUE(opened) << opened.error().detail;
    expect_the_example(*opened);
    EXPECT_EQ(opened->data(), R"({"message":"Hello World!"})");
  }
}

TEST(Envelope, ReadsBackWhatItWrote) {
  const Envelope envelope{.id = "018f2f5e-7b7a-7c00-8000-0123456789ab",
                          .source = "countersign/executor",
                          .type = "step.succeeded",
                          .subject = "T-1",
                          .time = "2024-05-01T10:00:00.000000Z",
                          .dataschema = "urn:countersign:schema:step.succeeded:v1",
                          .tenant = "acme",
                          .partition_key = "acme/T-1",
                          .correlation_id = "acme/T-1/1",
                          .causation_id = "x",
                          .sequence = 42,
                          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          .tracestate = "a=b"};
  const auto headers = to_headers(envelope);
  EXPECT_EQ(open_envelope(headers, "acme/T-1", "{}").value().envelope, envelope);
  EXPECT_EQ(peek_type(headers), "step.succeeded");
  EXPECT_EQ(find_sequence(headers), 42);
}

TEST(Envelope, UnwrapsConfluentFraming) {
  const std::string framed = std::string("\0\0\0\0\7", 5) + R"({"a":1})";
  EXPECT_EQ(open_envelope(binary_headers(), framed)->data(), R"({"a":1})");
}

TEST(Envelope, RefusesWhatIsMissingOrBroken) {
  for (const char* name : {"ce_specversion", "ce_id", "ce_source", "ce_type"})
    EXPECT_EQ(code_of(without(binary_headers(), name)), "attribute_missing") << name;
  EXPECT_EQ(code_of(with(binary_headers(), "ce_specversion", "0.3")), "specversion_unsupported");
  EXPECT_EQ(code_of(with(binary_headers(), "content-type", "application/avro")), "content_type_unsupported");
  EXPECT_EQ(code_of(with(binary_headers(), "content-type", "application/cloudevents+avro")), "content_type_unsupported");
  EXPECT_EQ(code_of(binary_headers(), std::nullopt), "tombstone");
  EXPECT_EQ(code_of(with(binary_headers(), "ce_id", "")), "attribute_invalid");
  EXPECT_EQ(code_of(with(binary_headers(), "ce_id", "a\r\nb")), "attribute_invalid");
  EXPECT_EQ(code_of(with(binary_headers(), "ce_id", "\xff")), "attribute_invalid");
  EXPECT_EQ(code_of(with(binary_headers(), "ce_id", std::string(513, 'x'))), "attribute_invalid");
  EXPECT_EQ(code_of(with(binary_headers(), "ce_time", "yesterday")), "attribute_invalid");
  EXPECT_EQ(code_of(with(binary_headers(), "x", std::string(64 * 1024, 'x'))), "headers_too_large");
  for (const char* text : {"", "0", "-1", "01", "1.0", "x", "9223372036854775808"})
    EXPECT_EQ(code_of(with(binary_headers(), "ce_sequence", text)), "attribute_invalid") << text;
}

TEST(Envelope, KnowsTheYearsThatThereAre) {
  for (const char* time : {"0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "9999-13-01T00:00:00Z"})
    EXPECT_EQ(code_of(with(binary_headers(), "ce_time", time)), "attribute_invalid") << time;
  for (const char* time : {"1000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59"})
    EXPECT_EQ(code_of(with(binary_headers(), "ce_time", time)), "") << time;
}

TEST(Envelope, RefusesBrokenStructuredEvents) {
  const base::Headers headers{{"content-type", "application/cloudevents+json"}};
  EXPECT_EQ(code_of(headers, "not json"), "json_malformed");
  EXPECT_EQ(code_of(headers, "[]"), "attribute_missing");
  EXPECT_EQ(code_of(headers, R"({"specversion":"1.0","id":"a","source":"s","type":"t"})"), "attribute_missing");
  EXPECT_EQ(code_of(headers, R"({"specversion":"1.0","id":5,"source":"s","type":"t","data":{}})"), "attribute_invalid");
}

TEST(Envelope, LeavesBrokenTraceContextOut) {
  const auto opened = open_envelope(with(binary_headers(), "traceparent", std::string(600, 'x')), "{}");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->envelope.traceparent, "");
}

TEST(Envelope, FindsTheSequenceWhereTheRestIsBroken) {
  EXPECT_EQ(find_sequence({{"ce_sequence", "7"}, {"ce_id", ""}}), 7);
  EXPECT_EQ(find_sequence({{"ce_sequence", "seven"}}), std::nullopt);
  EXPECT_EQ(find_sequence({{"ce_sequence", ""}}), std::nullopt);
  EXPECT_EQ(find_sequence({}), std::nullopt);
  EXPECT_EQ(peek_type({}), "");
}

TEST(MessageKey, IsTwoIdsWithASlash) {
  EXPECT_EQ(make_key("acme", "T-1"), "acme/T-1");
  EXPECT_EQ(split_key("acme/T-1"), (MessageKey{"acme", "T-1"}));
  EXPECT_TRUE(split_key("a/'--;DROP"));
  for (const char* key : {"", "acme", "/T-1", "acme/", "acme/T/1", "acme/T 1", "acme/T\n", "acme/\xC3\xA9"})
    EXPECT_FALSE(split_key(key)) << key;
  EXPECT_TRUE(split_key(std::string(128, 'a') + "/" + std::string(128, 'b')));
  EXPECT_FALSE(split_key(std::string(129, 'a') + "/b"));
}

TEST(MessageKey, MustAgreeWithHeadersAndBody) {
  Envelope envelope{.tenant = "acme", .partition_key = "acme/T-1"};
  envelope.subject = "T-1";
  EXPECT_TRUE(check_key(envelope, "acme/T-1"));
  EXPECT_TRUE(check_key(Envelope{}, "acme/T-1"));
  EXPECT_EQ(check_key(envelope, std::nullopt).error().code, "key_missing");
  EXPECT_EQ(check_key(envelope, "acme").error().code, "key_malformed");
  EXPECT_EQ(check_key(envelope, "other/T-1").error().code, "tenant_contradicts_key");
  EXPECT_EQ(check_key(envelope, "acme/T-2").error().code, "key_contradicts_headers");
  EXPECT_TRUE(check_body({"acme", "T-1"}, "acme", "T-1"));
  EXPECT_EQ(check_body({"acme", "T-1"}, "other", "T-1").error().code, "tenant_contradicts_key");
  EXPECT_EQ(check_body({"acme", "T-1"}, "acme", "T-2").error().code, "key_contradicts_body");
}

}  // namespace
}  // namespace countersign::contracts
