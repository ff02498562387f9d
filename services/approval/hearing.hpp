#pragma once

// Hearing: the decisions of one batch, judged one after the other.
//
// Threads    The thread of the batch.
// Ownership  Borrows everything; lives for one batch.
// Failure    Throws what the database throws.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "approval/approval_conductor.hpp"
#include "approval/voice.hpp"
#include "pipeline/arrival.hpp"

namespace countersign::approval {

class Hearing {
 public:
  Hearing(const ApprovalParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration, const catalog::Directory& directory,
          const std::string& audience);

  void run();

 private:
  // A decision that the schema, the realm and the key admit.
  struct Submission {
    const pipeline::Arrival* arrival = nullptr;
    const contracts::DecisionSubmitted* message = nullptr;
    std::string realm{};
    base::Result<Voice> voice;
  };

  void admit(const contracts::MessageKey& key, const pipeline::Arrival& arrival);
  std::set<ApprovalKey> approvals() const;
  std::set<ApprovalStore::Nonce> nonces() const;

  void judge(const Submission& submission);
  Decision make_decision(const Submission& submission) const;
  Approval* find_approval(const contracts::DecisionSubmitted& message);
  bool seen_before(const Submission& submission, Decision& decision);
  base::Result<void> check(Approval& approval, const Question& question, const Voice& voice) const;
  void expire_when_over(Approval& approval);
  void count(Approval& approval, const Question& question, const Voice& voice, Decision decision);

  const ApprovalParts& parts_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  const catalog::Directory& directory_;
  const std::string& audience_;
  std::vector<Submission> submissions_;
  Docket docket_;
  std::map<ApprovalStore::Nonce, std::string> spent_;
  ApprovalConductor conductor_;
};

}  // namespace countersign::approval
