#include "executor/preview_reading.hpp"

#include <nlohmann/json.hpp>

#include "contracts/text_rules.hpp"
#include "crypto/digest.hpp"
#include "executor/tool_result.hpp"

namespace countersign::executor {

namespace {

using nlohmann::json;

constexpr std::size_t preview_depth = 16;      // that a referral admits
constexpr std::size_t most_note = 2000;        // characters
constexpr std::size_t most_bytes = 48 * 1024;  // of before and after together

const json* find(const json& answer, const domain::Pointer& pointer) {
  const json::json_pointer at(pointer.text());
  return answer.contains(at) ? &answer.at(at) : nullptr;
}

bool can_be_shown(const json& value) { return value.is_primitive() || contracts::valid_free_json(value, preview_depth); }

// Absent and null are different states of the target.
std::string drift_text(const json& answer, const catalog::PreviewCall& preview) {
  json state = json::object();
  for (const auto& pointer : preview.preconditions) {
    const json* value = find(answer, pointer);
    state[pointer.text()] = value == nullptr ? json::array() : json::array({*value});
  }
  if (preview.preconditions.empty()) state["before"] = *find(answer, preview.before);
  return contracts::Json(std::move(state)).text();
}

}  // namespace

base::Result<contracts::ShownPreview> read_preview(const catalog::ToolManifest& manifest, std::string_view body,
                                                   const std::vector<base::Secret>& secrets) {
  catalog::ResultRule rule = manifest.result;
  rule.redact.clear();  // of another answer
  const auto answer = read_result(rule, body, secrets);
  if (!answer) return tl::unexpected(answer.error());
  const json& said = answer->value();
  const json* before = find(said, manifest.preview->before);
  const json* after = find(said, manifest.preview->after);
  if (before == nullptr || after == nullptr || !can_be_shown(*before) || !can_be_shown(*after))
    return base::refuse("preview_incomplete", "the answer does not say what was and what would be");
  contracts::ShownPreview preview;
  preview.before = contracts::Json(*before);
  preview.after = contracts::Json(*after);
  const std::string text = preview.before.text() + preview.after.text();
  // PostgreSQL keeps no text with a zero in it.
  if (text.size() > most_bytes || text.find("\\u0000") != std::string::npos)
    return base::refuse("preview_incomplete", "what the answer says cannot be shown");
  if (manifest.preview->note)
    if (const json* note = find(said, *manifest.preview->note);
        note != nullptr && note->is_string() && note->get_ref<const std::string&>().size() <= most_note)
      preview.note = note->get<std::string>();
  preview.drift_digest = crypto::sha256(drift_text(said, *manifest.preview)).hex();
  return preview;
}

}  // namespace countersign::executor
