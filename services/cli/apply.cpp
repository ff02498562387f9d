#include "cli/apply.hpp"

#include <nlohmann/json.hpp>

#include "catalog/document_applier.hpp"
#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {

// Until people are registered nobody can be held to a change but whoever runs this command on the site.
constexpr const char* actor = "bootstrap";

int refused(const base::Refusal& refusal, const Console& console) {
  console.give({{"error", refusal.code}, {"detail", refusal.detail}});
  console.warn(refusal.code + "\n" + refusal.detail);
  return exit_bad_input;
}

int check(const std::string& folder, const Console& console) {
  const auto documents = catalog::read_directory(folder);
  if (!documents) return refused(documents.error(), console);
  console.give({{"documents", documents->size()}});
  console.say(std::to_string(documents->size()) + " documents are well formed.");
  return exit_well;
}

}  // namespace

int apply(const Reach& reach, const ApplyWish& wish, const Console& console) {
  if (wish.check_only) return check(wish.folder, console);
  postgres::Session session{database_settings(reach, "core")};
  const auto report = catalog::DocumentApplier(session).apply(wish.folder, actor);
  if (!report) return refused(report.error(), console);
  console.give({{"revision", report->revision},
                {"applied", report->applied},
                {"unchanged", report->unchanged},
                {"activated", report->activated},
                {"actor", actor}});
  for (const auto& label : report->applied) console.say("applied    " + label);
  for (const auto& label : report->activated) console.say("activated  " + label);
  console.say("Revision " + std::to_string(report->revision) + "; " + std::to_string(report->unchanged.size()) +
              " documents were known already.");
  return exit_well;
}

}  // namespace countersign::cli
