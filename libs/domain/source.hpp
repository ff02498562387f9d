#pragma once

// Source: where a plan says an argument comes from. The executor follows it itself; what the plan claims to have read counts for nothing.
//
//     source   = "ticket:" pointer | "evidence:" step "#" pointer | "constant:" id | "derived:" function "(" source *("," source) ")"
//     function = "sum" | "min" | "max" | "difference"
//
// Spaces may follow `(` and `,`. Inside `derived` a pointer ends at the first `,` or `)`, and may not contain `(`.
// At most 1 KiB, 4 levels of `derived`, 16 inputs in all.

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "domain/named_enum.hpp"
#include "domain/origin.hpp"
#include "domain/value.hpp"

namespace countersign::domain {

inline constexpr std::size_t most_source_bytes = 1024;
inline constexpr int most_source_levels = 4;
inline constexpr int most_source_inputs = 16;

enum class SourceFunction { sum, min, max, difference };

template <>
struct EnumNames<SourceFunction> {
  static constexpr std::array names{std::string_view("sum"), std::string_view("min"), std::string_view("max"),
                                    std::string_view("difference")};
};

struct Source;

struct TicketSource {
  Pointer pointer;
};
struct EvidenceSource {
  std::string step;  // the plan's local name of a read step
  Pointer pointer;
};
struct ConstantSource {
  std::string id;
};
struct DerivedSource {
  SourceFunction function = SourceFunction::sum;
  std::vector<Source> inputs;
};

struct Source {
  std::variant<TicketSource, EvidenceSource, ConstantSource, DerivedSource> form;
};

struct Sourced {
  Value value;
  Origin origin = Origin::model;
};

// How the world is read while a source is followed. Each answers with the value and its origin, or refuses: `source_absent` when there
// is nothing there.
struct SourceReader {
  std::function<base::Result<Sourced>(const Pointer&)> ticket;
  std::function<base::Result<Sourced>(const std::string& step, const Pointer&)> evidence;
  std::function<base::Result<Sourced>(const std::string& id)> constant;
};

// `^[a-z][a-z0-9_]{0,39}$`: the local name of a step in a plan.
bool step_name_valid(std::string_view name) noexcept;

base::Result<Source> parse_source(std::string_view text);  // refuses with `source_invalid`
std::string to_text(const Source& source);                 // parses back to the same source

// The first refusal met, if any. A derived value has the worst origin of its inputs. A null is nothing: `source_absent`.
base::Result<Sourced> evaluate(const Source& source, const SourceReader& reader);

}  // namespace countersign::domain
