#include "outbox/territory.hpp"

namespace countersign::outbox {

const pipeline::Territory& territory() {
  static const pipeline::Territory mine{
      "outbox", pipeline::source_of("outbox"), {"outcomes", "messages", "notices", "approvals", "handoffs"}, {"delivery-results"}};
  return mine;
}

}  // namespace countersign::outbox
