#pragma once

// Arguments by reference: turns what a plan proposes into what a tool would be given, with the origin of every leaf.
//
// A leaf is a scalar, an empty list or an empty object. It may be replaced by {"$from": source} or {"$from": source, "$value": v}, where v
// must be what the source says, type included. A leaf without a source has the origin `model`.

#include "base/result.hpp"
#include "domain/origin.hpp"
#include "domain/source.hpp"
#include "domain/value.hpp"

namespace countersign::domain {

struct ResolvedArguments {
  Value arguments;
  OriginMap origins;  // by pointer: one entry per leaf or source
};

// Refuses with `arguments_invalid` (not an object, a member beginning with `$` that is not as above), `source_invalid`,
// `source_contradicted` ($value is not what the source says) or what the reader answers.
base::Result<ResolvedArguments> resolve_arguments(const Value& proposed, const SourceReader& reader);

// The steps whose evidence the proposal refers to, each once, in the order met: they must have succeeded before it can be resolved.
// Refuses as above, but never asks a reader.
base::Result<std::vector<std::string>> evidence_steps_of(const Value& proposed);

}  // namespace countersign::domain
