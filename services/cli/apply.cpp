#include "cli/apply.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "catalog/document_applier.hpp"
#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {

// Until people are registered nobody can be held to a change but whoever runs this command on the site.
constexpr const char* actor = "bootstrap";
constexpr std::uintmax_t most_document_bytes = 4 * 1024 * 1024;  // far more than any document may have

int refused(const base::Refusal& refusal, const Console& console) {
  console.refuse(refusal);
  return exit_bad_input;
}

// A template that nobody has filled in would otherwise be refused for whatever shape @SANDBOX@ happens not to have, or worse, be taken.
std::vector<std::string> find_placeholders(const std::string& folder) {
  static const std::regex placeholder("@[A-Z][A-Z0-9_]*@");
  std::vector<std::string> found;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".json" || entry.file_size() > most_document_bytes) continue;
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::set<std::string> names;
    for (std::sregex_iterator at(text.begin(), text.end(), placeholder), end; at != end; ++at) names.insert(at->str());
    for (const auto& name : names)
      found.push_back(std::filesystem::relative(entry.path(), folder).string() + ": the placeholder " + name + " is not filled in");
  }
  std::sort(found.begin(), found.end());
  return found;
}

int unfilled(const std::vector<std::string>& placeholders, const Console& console) {
  std::string lines;
  for (const auto& line : placeholders) lines += (lines.empty() ? "" : "\n") + line;
  return refused({"placeholder_unfilled", lines}, console);
}

int check(const std::string& folder, const Console& console) {
  const auto documents = catalog::read_directory(folder);
  if (!documents) return refused(documents.error(), console);
  console.give({{"documents", documents->size()}});
  console.say(count_of(static_cast<std::int64_t>(documents->size()), "document is", "documents are") + " well formed.");
  return exit_well;
}

}  // namespace

int apply(const Reach& reach, const ApplyWish& wish, const Console& console) {
  if (const auto placeholders = find_placeholders(wish.folder); !placeholders.empty()) return unfilled(placeholders, console);
  if (wish.check_only) return check(wish.folder, console);
  auto session = open_database(database_settings(reach, "core"));
  const auto report = catalog::DocumentApplier(session).apply(wish.folder, actor);
  if (!report) return refused(report.error(), console);
  console.give({{"revision", report->revision},
                {"applied", report->applied},
                {"unchanged", report->unchanged},
                {"activated", report->activated},
                {"actor", actor}});
  for (const auto& label : report->applied) console.say("applied    " + label);
  for (const auto& label : report->activated) console.say("activated  " + label);
  console.say("Revision " + std::to_string(report->revision) + "; " +
              count_of(static_cast<std::int64_t>(report->unchanged.size()), "document was", "documents were") + " known already.");
  return exit_well;
}

}  // namespace countersign::cli
