#pragma once

// MessageTemplate: a text for customers with places for values, {{like_this}}, and nothing cleverer than that.
//
// Values may come from customers and models. In HTML they stand between tags only and are escaped there; a subject is one line whatever its
// values are.
//
// Promise    What is rendered has the template's structure: no value adds a line to the subject or a tag to the HTML.
// Failure    render refuses with variable_missing, variable_unknown, variable_refused; parse with document_invalid, listing every mistake.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "contracts/json.hpp"

namespace countersign::catalog {

struct MessageTemplate {
  std::string tenant;  // "*": all tenants
  std::string name;
  std::int64_t version = 0;
  std::string subject;
  std::string text;
  std::optional<std::string> html;
  std::vector<std::string> variables;
  std::vector<std::string> claims;  // tools that must have succeeded in the run, because the text says that they did

  std::string label() const { return name + "@" + std::to_string(version); }
};

struct RenderedMessage {
  std::string subject;
  std::string text;
  std::optional<std::string> html;
};

// `variables`: an object with a text, an integer or money ({minor, currency}, rendered "25.00 EUR") for each of the template's variables.
base::Result<RenderedMessage> render(const MessageTemplate& message, const contracts::Json& variables);

base::Result<MessageTemplate> parse_template(const Document& document);

}  // namespace countersign::catalog
