#include "cli/bench_generator.hpp"

#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.hpp"
#include "cli/exit_codes.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "contracts/message_key.hpp"
#include "contracts/schema_check.hpp"

namespace countersign::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* event_type = "ticket.opened";
constexpr const char* event_source = "urn:countersign:bench";
constexpr const char* name_place = "{ticket}";

std::int64_t now_ns() { return std::chrono::nanoseconds(steady_clock::now().time_since_epoch()).count(); }

std::vector<std::string> split_at(const std::string& text, const std::string& mark) {
  std::vector<std::string> pieces;
  std::size_t from = 0;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, from)) {
    pieces.push_back(text.substr(from, at - from));
    from = at + mark.size();
  }
  pieces.push_back(text.substr(from));
  return pieces;
}

}  // namespace

BenchTemplate::BenchTemplate(const std::string& event, std::string topic, std::vector<std::string> tenants)
    : topic_(std::move(topic)), tenants_(std::move(tenants)) {
  const auto data = nlohmann::json::parse(event, nullptr, false);
  if (!data.is_object()) throw BadInput("the event of a benchmark is one JSON object");
  std::string text = data.dump();
  text.pop_back();  // the two members that every ticket has of its own come last
  pieces_ = split_at(text + (data.empty() ? "" : ","), name_place);
  const auto sample = record(0, "bench-1");
  if (const auto decoded = contracts::decode_edge(event_type, *sample.value); !decoded)
    throw BadInput("the event of a benchmark is not a ticket.opened: " + decoded.error().code + ": " + decoded.error().detail);
}

messaging::Record BenchTemplate::record(std::size_t index, const std::string& ticket) const {
  const auto& tenant = tenants_[index % tenants_.size()];
  std::string data = pieces_.front();
  for (std::size_t i = 1; i < pieces_.size(); ++i) data += ticket + pieces_[i];
  data += R"("tenant":")" + tenant + R"(","ticket_id":")" + ticket + "\"}";

  contracts::Envelope envelope;
  envelope.id = "opened-" + ticket;
  envelope.source = event_source;
  envelope.type = event_type;
  envelope.subject = ticket;
  envelope.time = base::to_rfc3339(base::SystemClock{}.wall());
  envelope.dataschema = contracts::schema_id(event_type);
  envelope.tenant = tenant;
  envelope.partition_key = contracts::make_key(tenant, ticket);
  return {topic_, envelope.partition_key, std::move(data), contracts::to_headers(envelope), index};
}

void BenchGenerator::run() {
  for (std::size_t next = 0; next < book_.size();) {
    auto now = now_ns();
    while (next < book_.size() && book_.tickets()[next].intended <= now) {
      offer(next++);
      now = now_ns();
    }
    take_receipts(milliseconds{0});
    if (next == book_.size()) break;
    const auto due = std::max(book_.tickets()[next].intended, now + std::chrono::nanoseconds(milliseconds{1}).count());
    std::this_thread::sleep_until(steady_clock::time_point{std::chrono::nanoseconds{due}});
  }
}

void BenchGenerator::offer(std::size_t index) {
  const auto record = event_.record(index, book_.name_of(index));
  while (!producer_.offer(record)) take_receipts(milliseconds{1});  // its queue is full: what waits here is late, and counted as such
  book_.set_offered(index, now_ns());
}

void BenchGenerator::take_receipts(milliseconds wait) {
  for (const auto& receipt : producer_.receipts(wait)) {
    ++(receipt.good ? confirmed_ : refused_);
    if (!receipt.good) error_ = receipt.error;
  }
}

void BenchGenerator::settle(milliseconds deadline) {
  producer_.flush(deadline);
  take_receipts(milliseconds{0});
}

}  // namespace countersign::cli
