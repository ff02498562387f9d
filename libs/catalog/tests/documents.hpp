#pragma once

// Documents for tests: the examples under schemas/documents, and changed copies of them.

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "catalog/document.hpp"

namespace countersign::catalog::testing {

inline const std::string examples = COUNTERSIGN_SOURCE_DIR "/schemas/documents/examples";

inline nlohmann::json example(const std::string& kind, const std::string& name) {
  std::ifstream file(examples + "/" + kind + ".v1/valid/" + name + ".json");
  return nlohmann::json::parse(file);
}

inline Document document_of(const nlohmann::json& body) {
  auto document = read_document(body.dump());
  if (!document) throw std::runtime_error(document.error().code + ": " + document.error().detail);
  return *document;
}

inline Document document(const std::string& kind, const std::string& name) { return document_of(example(kind, name)); }

inline nlohmann::json changed(nlohmann::json body, const std::string& pointer, nlohmann::json value) {
  body[nlohmann::json::json_pointer(pointer)] = std::move(value);
  return body;
}

}  // namespace countersign::catalog::testing
