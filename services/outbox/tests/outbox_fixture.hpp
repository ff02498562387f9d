#pragma once

// The outbox service on a scratch database and a memory broker, turned by hand, and endpoints that write down what they get.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.hpp"
#include "messaging/memory/memory_broker.hpp"
#include "outbox/outbox_service.hpp"
#include "postgres/testing/scratch_database.hpp"

namespace countersign::outbox::testing {

// One life of the service's process.
struct Life {
  Life(messaging::MemoryBroker& broker, const postgres::ConnectionSettings& database, base::Clock& clock, const OutboxOptions& options,
       const std::string& instance);

  telemetry::Log log;
  telemetry::Metrics metrics;
  pipeline::ServiceCore core;
  OutboxService service;
};

http::Response answer_of(int status, std::string body = {}, base::Headers headers = {});

// An endpoint that answers as it is told, by default 200.
class Receiver {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  explicit Receiver(Answer answer = [](const http::Request&) { return answer_of(200); });
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }
  std::vector<http::Request> received() const;
  void answer_with(int status, base::Headers headers = {});

 private:
  telemetry::Log log_{"receiver", "receiver", telemetry::Level::error};
  telemetry::Metrics metrics_;
  mutable std::mutex mutex_;
  Answer answer_;
  std::vector<http::Request> received_;
  std::unique_ptr<http::Server> server_;
};

struct EndpointWish {
  std::string url;
  std::string tenant = "acme";
  std::string name = "hook";
  int version = 1;
  bool ordered = false;
  int timeout_ms = 5000;
  std::string schedule_ms = "[0, 60000, 60000, 60000]";
  std::string types = R"(["*"])";
  std::string secrets = R"(["hook-secret"])";
};

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest();
  ~OutboxTest() override;

  std::unique_ptr<Life> start(const std::string& instance = "outbox-0");
  // Two tenants in realm main, and these endpoints; a life that runs must be told with refresh().
  void configure(const std::vector<EndpointWish>& endpoints);
  void refresh(Life& life);
  void write_secret(const std::string& name, const std::string& value);
  void remove_secret(const std::string& name);

  // Publishes an outcome with the key's next sequence; returns its id.
  std::string announce(const std::string& ticket, const std::string& stop_reason = "resolved", const std::string& tenant = "acme",
                       const std::string& id = "");
  // Consumes what was announced.
  void intake(Life& life);
  // Slots that are filled, by calls that are held, taken or not recorded.
  static std::size_t under_way(Life& life);
  // Claims what the intake left, waits until all that is under way has ended; does not record. Returns the number of calls.
  std::size_t send(Life& life);
  // send(), then records. Returns the number of calls.
  std::size_t deliver(Life& life);
  // Makes everything due that waits for its time, endpoints included.
  void let_time_pass();

  std::string text(const std::string& select);
  std::int64_t number(const std::string& select);
  std::string states() { return text("SELECT coalesce(string_agg(state, ' ' ORDER BY place), '') FROM outbox.delivery"); }

  static constexpr const char* secret = "whsec_c2VjcmV0LW9mLXRoZS1hY21lLWhvb2stMDE=";
  static constexpr const char* other_secret = "whsec_c2VjcmV0LW9mLXRoZS1hY21lLWhvb2stMDI=";

  base::SystemClock clock;
  messaging::MemoryBroker broker{clock};
  postgres::testing::ScratchDatabase database;
  std::unique_ptr<postgres::Session> admin = database.connect();
  std::string directory;
  OutboxOptions options;

 private:
  std::map<std::string, std::int64_t> sequences_;
  std::size_t announced_ = 0;
  int serial_ = 0;
};

std::string header_of(const http::Request& request, const std::string& name);

}  // namespace countersign::outbox::testing
