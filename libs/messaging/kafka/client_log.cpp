#include "messaging/kafka/client_log.hpp"

#include <string_view>

namespace countersign::messaging::kafka {

namespace {
constexpr int syslog_warning = 4;
}

void forward_log(telemetry::Log* log, rd_kafka_event_t* event) {
  const char* facility = nullptr;
  const char* line = nullptr;
  int level = 0;
  if (log == nullptr || rd_kafka_event_log(event, &facility, &line, &level) != 0 || level > syslog_warning) return;
  // Says that a producer ignores a consumer's property and the reverse, which is how one set of site properties serves both.
  if (std::string_view(facility) == "CONFWARN") return;
  log->warning("kafka_client", {{"facility", facility}, {"text", line}});
}

void forward_error(telemetry::Log* log, rd_kafka_event_t* event) {
  if (log == nullptr) return;
  log->warning("kafka_client",
               {{"facility", rd_kafka_err2name(rd_kafka_event_error(event))}, {"text", rd_kafka_event_error_string(event)}});
}

}  // namespace countersign::messaging::kafka
