#include "telemetry/log.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "base/clock.hpp"
#include "telemetry/log_line.hpp"

namespace countersign::telemetry {

struct Log::State {
  std::string service;
  std::string instance;
  Level least;
  base::SystemClock clock;
  spdlog::sinks::stdout_sink_mt sink;
};

Log::Log(std::string service, std::string instance, Level least) : state_(std::make_unique<State>()) {
  state_->service = std::move(service);
  state_->instance = std::move(instance);
  state_->least = least;
  state_->sink.set_pattern("%v");
}

Log::~Log() { state_->sink.flush(); }

void Log::debug(std::string_view event, std::initializer_list<Field> fields) { write(Level::debug, event, fields); }
void Log::info(std::string_view event, std::initializer_list<Field> fields) { write(Level::info, event, fields); }
void Log::warning(std::string_view event, std::initializer_list<Field> fields) { write(Level::warning, event, fields); }
void Log::error(std::string_view event, std::initializer_list<Field> fields) { write(Level::error, event, fields); }

void Log::write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level < state_->least) return;
  const std::string line =
      render_line(state_->clock.wall(), level, state_->service, state_->instance, event, {fields.begin(), fields.size()});
  state_->sink.log(spdlog::details::log_msg{"", spdlog::level::info, line});
  if (level >= Level::warning) state_->sink.flush();
}

}  // namespace countersign::telemetry
