#include "executor/territory.hpp"

namespace countersign::executor {

const pipeline::Territory& territory() {
  static const pipeline::Territory mine{"executor",
                                        "urn:countersign:executor",
                                        {"tickets", "plans", "verdicts", "delivery-results"},
                                        {"steps", "referrals", "outcomes", "messages"}};
  return mine;
}

}  // namespace countersign::executor
