#pragma once

// The files under schemas/, as the build copied them into the program.

#include <string_view>
#include <vector>

namespace countersign::contracts {

struct EmbeddedSchema {
  std::string_view name;  // ticket.opened
  std::string_view text;
};

const std::vector<EmbeddedSchema>& messages_schemas();
const std::vector<EmbeddedSchema>& documents_schemas();

}  // namespace countersign::contracts
