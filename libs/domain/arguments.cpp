#include "domain/arguments.hpp"

#include <algorithm>
#include <functional>

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

constexpr std::size_t deepest_argument = 16;

tl::unexpected<base::Refusal> invalid(const Pointer& at, const std::string& detail) {
  return base::refuse(std::string(codes::arguments_invalid), "argument " + at.text() + ": " + detail);
}

// What is put in the place of a reference.
using Follow = std::function<base::Result<Sourced>(const Source& source, const Value* claimed)>;

class Resolver {
 public:
  explicit Resolver(Follow follow) : follow_(std::move(follow)) {}

  base::Result<Value> resolve(const Value& proposed, const Pointer& at) {
    if (at.tokens().size() > deepest_argument) return invalid(at, "too deep");
    if (proposed.object() && proposed.object()->contains("$from")) return resolve_reference(*proposed.object(), at);
    if (proposed.object() && !proposed.object()->empty()) return resolve_object(*proposed.object(), at);
    if (proposed.list() && !proposed.list()->empty()) return resolve_list(*proposed.list(), at);
    origins_[at.text()] = Origin::model;
    return proposed;
  }

  OriginMap take_origins() { return std::move(origins_); }

 private:
  base::Result<Value> resolve_reference(const Value::Object& reference, const Pointer& at) {
    const auto claimed = reference.find("$value");
    const bool has_claim = claimed != reference.end();
    const std::string* text = reference.find("$from")->second.text();
    if (text == nullptr || reference.size() != (has_claim ? 2u : 1u))
      return invalid(at, "a reference is {$from: text} or {$from: text, $value: …}");
    const auto source = parse_source(*text);
    if (!source) return tl::unexpected(source.error());
    auto sourced = follow_(*source, has_claim ? &claimed->second : nullptr);
    if (!sourced) return tl::unexpected(sourced.error());
    origins_[at.text()] = sourced->origin;
    return std::move(sourced->value);
  }

  base::Result<Value> resolve_object(const Value::Object& proposed, const Pointer& at) {
    Value::Object resolved;
    for (const auto& [name, member] : proposed) {
      if (name.starts_with('$')) return invalid(at, "no argument's name begins with $");
      auto value = resolve(member, at.child(name));
      if (!value) return value;
      resolved.emplace(name, *std::move(value));
    }
    return Value(std::move(resolved));
  }

  base::Result<Value> resolve_list(const Value::List& proposed, const Pointer& at) {
    Value::List resolved;
    for (std::size_t i = 0; i < proposed.size(); ++i) {
      auto value = resolve(proposed[i], at.child(std::to_string(i)));
      if (!value) return value;
      resolved.push_back(*std::move(value));
    }
    return Value(std::move(resolved));
  }

  Follow follow_;
  OriginMap origins_;
};

base::Result<ResolvedArguments> resolve_with(const Value& proposed, Follow follow) {
  if (proposed.object() == nullptr || proposed.object()->contains("$from")) return invalid({}, "arguments are an object of named values");
  Resolver resolver(std::move(follow));
  auto arguments = resolver.resolve(proposed, {});
  if (!arguments) return tl::unexpected(arguments.error());
  OriginMap origins = resolver.take_origins();
  origins.erase("");  // an action without arguments has nothing that came from anywhere
  return ResolvedArguments{*std::move(arguments), std::move(origins)};
}

void collect_steps(const Source& source, std::vector<std::string>& steps) {
  if (const auto* evidence = std::get_if<EvidenceSource>(&source.form)) {
    if (std::find(steps.begin(), steps.end(), evidence->step) == steps.end()) steps.push_back(evidence->step);
  } else if (const auto* derived = std::get_if<DerivedSource>(&source.form)) {
    for (const auto& input : derived->inputs) collect_steps(input, steps);
  }
}

}  // namespace

base::Result<ResolvedArguments> resolve_arguments(const Value& proposed, const SourceReader& reader) {
  return resolve_with(proposed, [&](const Source& source, const Value* claimed) {
    auto sourced = evaluate(source, reader);
    if (sourced && claimed != nullptr && !(sourced->value == *claimed))
      return base::Result<Sourced>(
          base::refuse(std::string(codes::source_contradicted), to_text(source) + " does not say what the plan says"));
    return sourced;
  });
}

base::Result<std::vector<std::string>> evidence_steps_of(const Value& proposed) {
  std::vector<std::string> steps;
  const auto resolved = resolve_with(proposed, [&](const Source& source, const Value*) {
    collect_steps(source, steps);
    return base::Result<Sourced>(Sourced{});
  });
  if (!resolved) return tl::unexpected(resolved.error());
  return steps;
}

}  // namespace countersign::domain
