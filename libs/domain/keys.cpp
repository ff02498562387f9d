#include "domain/keys.hpp"

namespace countersign::domain {

namespace {

std::string part(std::string_view bytes) { return std::to_string(bytes.size()) + ":" + std::string(bytes) + ","; }

tl::unexpected<base::Refusal> absent(const Pointer& at) {
  return base::refuse("operation_target_absent", "argument " + at.text() + " names the target of the operation and is missing");
}

base::Result<std::string> typed_part(const Value& value, const Pointer& at) {
  if (const auto* text = value.text()) {
    if (text->empty()) return absent(at);
    return part("text") + part(*text);
  }
  if (const auto* number = value.integer()) return part("integer") + part(std::to_string(*number));
  if (const auto* truth = value.boolean()) return part("boolean") + part(*truth ? "true" : "false");
  return base::refuse("operation_target_invalid",
                      "argument " + at.text() + " names the target of the operation and is not a text, an integer or a truth value");
}

}  // namespace

std::string idempotency_key_text(const StepIdentity& step) {
  return part("countersign.idempotency.1") + part(step.tenant) + part(step.ticket) + part(std::to_string(step.run)) +
         part(std::to_string(step.step));
}

std::string operation_key_text(const OperationIdentity& operation) {
  return part("countersign.operation.1") + part(operation.tenant) + part(operation.operation) + part(operation.target);
}

base::Result<std::string> operation_target_text(const Value& arguments, const std::vector<Pointer>& key) {
  std::string target;
  for (const auto& at : key) {
    const Value* value = find_at(arguments, at);
    if (value == nullptr || value->null()) return absent(at);
    auto text = typed_part(*value, at);
    if (!text) return text;
    target += *text;
  }
  if (target.empty()) return base::refuse("operation_target_absent", "an operation without a target has no key");
  return target;
}

}  // namespace countersign::domain
