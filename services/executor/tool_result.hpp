#pragma once

// read_result: what a tool answered, made fit to be kept: read with care, redacted, and without the secrets that the call carried.
//
// Numbers that our messages cannot carry (fractions, beyond 2^53) become their text. What the manifest redacts becomes "[redacted]"; a
// secret that the tool echoes becomes "[secret]", wherever it stands.
//
// Failure    Refuses with result_unreadable, also for an answer without a body, and with result_too_large where no message could carry what
//            is left, for its size or for a text in it.
// Threads    Pure; any thread.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "catalog/tool_manifest.hpp"
#include "contracts/json.hpp"

namespace countersign::executor {

base::Result<contracts::Json> read_result(const catalog::ResultRule& rule, std::string_view body, const std::vector<base::Secret>& secrets);

}  // namespace countersign::executor
