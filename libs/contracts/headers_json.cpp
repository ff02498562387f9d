#include "contracts/headers_json.hpp"

#include "contracts/canonical_writer.hpp"

namespace countersign::contracts {

std::string headers_to_json(const base::Headers& headers) {
  std::string text = "{";
  for (const auto& [name, value] : headers) {
    if (text.size() > 1) text.push_back(',');
    append_text(name, text);
    text.push_back(':');
    append_text(value, text);
  }
  text.push_back('}');
  return text;
}

}  // namespace countersign::contracts
