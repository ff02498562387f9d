#pragma once

// read_preview: what a tool said it would change, as people are shown it, and the digest by which a later look tells whether that is still
// so: over the manifest's preconditions, or over all of `before` where it names none.
//
// Failure    Refuses as read_result does, and with preview_incomplete where `before` or `after` is missing or cannot be shown.
// Threads    Pure; any thread.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "catalog/tool_manifest.hpp"
#include "contracts/action.hpp"

namespace countersign::executor {

// Without the digest of what is shown.
base::Result<contracts::ShownPreview> read_preview(const catalog::ToolManifest& manifest, std::string_view body,
                                                   const std::vector<base::Secret>& secrets);

}  // namespace countersign::executor
