#pragma once

// Log: one JSON object per line on standard output. The event names and fields are a documented interface (docs/telemetry.md).
//
// Promise    A line is always valid JSON, whatever bytes the fields carry. Never given a secret.
// Threads    Every function may be called from any thread.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace countersign::telemetry {

using FieldValue = std::variant<std::string, std::int64_t, double, bool>;

struct Field {
  Field(std::string_view name_, std::string_view value_) : name(name_), value(std::string(value_)) {}
  Field(std::string_view name_, const char* value_) : name(name_), value(std::string(value_)) {}
  Field(std::string_view name_, const std::string& value_) : name(name_), value(value_) {}
  Field(std::string_view name_, bool value_) : name(name_), value(value_) {}
  Field(std::string_view name_, double value_) : name(name_), value(value_) {}
  template <typename Integer>
  requires std::is_integral_v<Integer> Field(std::string_view name_, Integer value_)
      : name(name_), value(static_cast<std::int64_t>(value_)) {}

  std::string name;
  FieldValue value;
};

enum class Level { debug, info, warning, error };

class Log {
 public:
  // `service` and `instance` are on every line.
  Log(std::string service, std::string instance, Level least = Level::info);
  ~Log();
  void debug(std::string_view event, std::initializer_list<Field> fields = {});
  void info(std::string_view event, std::initializer_list<Field> fields = {});
  void warning(std::string_view event, std::initializer_list<Field> fields = {});
  void error(std::string_view event, std::initializer_list<Field> fields = {});

 private:
  void write(Level level, std::string_view event, std::initializer_list<Field> fields);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::telemetry
