#include "telemetry/log_line.hpp"

#include <nlohmann/json.hpp>

namespace countersign::telemetry {
namespace {

using Object = nlohmann::ordered_json;

// What peers say can be long; a log line is not the place to keep it.
constexpr std::size_t most_text_bytes = 4096;

Object to_json(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text->size() <= most_text_bytes ? *text : text->substr(0, most_text_bytes) + "…";
  }
  return std::visit([](const auto& plain) { return Object(plain); }, value);
}

void add(Object& object, std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (!object.contains(field.name)) object.emplace(field.name, to_json(field.value));
  }
}

std::string dump(const Object& object) { return object.dump(-1, ' ', false, Object::error_handler_t::replace); }

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string render_line(base::WallTime time, Level level, std::string_view service, std::string_view instance, std::string_view event,
                        std::span<const Field> fields) {
  Object object = Object::object();
  object["time"] = base::to_rfc3339(time);
  object["level"] = name_of(level);
  object["service"] = service;
  object["instance"] = instance;
  object["event"] = event;
  add(object, fields);
  return dump(object);
}

std::string render_object(std::span<const Field> fields) {
  Object object = Object::object();
  add(object, fields);
  return dump(object);
}

}  // namespace countersign::telemetry
