#include "approval/decision_recorder.hpp"

#include "approval/hearing.hpp"
#include "base/errors.hpp"
#include "contracts/messages.hpp"
#include "contracts/schema_check.hpp"
#include "contracts/token_claims.hpp"

namespace countersign::approval {

DecisionRecorder::DecisionRecorder(const ApprovalParts& parts, const PeopleDirectory& people, const catalog::Catalog& catalog,
                                   const std::string& environment)
    : parts_(parts), people_(people), catalog_(catalog), audience_(contracts::decision_audience(environment)) {}

bool DecisionRecorder::wants(std::string_view type) const { return type == contracts::types::decision_submitted; }

base::Result<std::any> DecisionRecorder::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  return contracts::decode_edge(envelope.type, data).map([](contracts::Event&& event) { return std::any(std::move(event)); });
}

void DecisionRecorder::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  const auto people = people_.get_fresh(batch.transaction());
  Hearing(parts_, batch, *configuration, people->directory, audience_).run();
}

}  // namespace countersign::approval
