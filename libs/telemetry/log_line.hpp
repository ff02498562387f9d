#pragma once

// How a log record becomes text. Pure, so that it can be fed anything.

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "telemetry/log.hpp"

namespace countersign::telemetry {

std::string_view name_of(Level level);

// One JSON object without a newline: time, level, service, instance, event, then the fields. A field cannot replace one of the first
// five; text over 4 KiB is cut; bytes that are not UTF-8 become U+FFFD.
std::string render_line(base::WallTime time, Level level, std::string_view service, std::string_view instance, std::string_view event,
                        std::span<const Field> fields);

// The fields alone, as one JSON object.
std::string render_object(std::span<const Field> fields);

}  // namespace countersign::telemetry
