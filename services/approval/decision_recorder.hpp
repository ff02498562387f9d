#pragma once

// DecisionRecorder: takes in what people decided, from the topic `decisions` of every realm.
//
//     schema, realm, key ─▶ signature ─▶ nonce ─▶ audience, times ─▶ the approval is open, the digest is its action's ─▶ authority
//         │ dead letter         │ kept with its code, and not answered       │ kept with its code, the nonce is spent, and the realm is
//         told ▼                     ▼                                             ▼ counted: approval.decision_recorded, and the approval
//         moves
//
// The topic is outside: whoever may write to it can write anything, as often as they like and in any order. What counts is only what a
// believed key has signed; the message around it merely says where to look. A nonce is spent only by the decision that was signed for this
// very tenant and approval, so that nobody spends another one's by sending it somewhere else.
//
// Promise    A decision counts at most once, and nothing that is refused moves an approval. Nothing that nobody vouches for is sent on.
//            Of two decisions at once the first wins; the other is recorded as late.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable until configuration and people have been read in their present revision.
// Time       Expiry, and when a decision came, by the database clock.

#include "approval/approval_conductor.hpp"
#include "approval/people_directory.hpp"
#include "pipeline/handler.hpp"

namespace countersign::approval {

class DecisionRecorder final : public pipeline::Handler {
 public:
  DecisionRecorder(const ApprovalParts& parts, const PeopleDirectory& people, const catalog::Catalog& catalog,
                   const std::string& environment);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;

 private:
  const ApprovalParts& parts_;
  const PeopleDirectory& people_;
  const catalog::Catalog& catalog_;
  const std::string audience_;
};

}  // namespace countersign::approval
