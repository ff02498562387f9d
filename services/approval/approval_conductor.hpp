#pragma once

// ApprovalConductor: moves approvals: each move with its history, its audit entry, what the realm is told and what the executor hears.
//
//     open ─▶ approval.requested                      end ─▶ approval.denied, … and verdict.denied, …
//     grant ─▶ countersignature, approval.granted,    consume ─▶ approval.consumed
//              verdict.granted                        grant_again ─▶ countersignature, verdict.granted
//
// Promise    Nothing is granted on the word of a row: the people's signatures and the executor's are verified again before each
//            countersignature.
//            Every move is one of domain/approval.hpp. Whatever is owed for it is written in the same transaction.
// Which realm hears of it    As for handoffs (referral_intake.hpp).
// Threads    The thread of the batch.
// Ownership  Borrows everything; lives for one batch.

#include <optional>
#include <string>
#include <vector>

#include "approval/approval_counters.hpp"
#include "approval/approval_store.hpp"
#include "approval/authority.hpp"
#include "approval/countersigner.hpp"
#include "approval/referral_check.hpp"
#include "catalog/catalog.hpp"
#include "contracts/verdict_messages.hpp"

namespace countersign::approval {

// What outlives the batch.
struct ApprovalParts {
  const ApprovalStore& store;
  const Countersigner& countersigner;
  ApprovalCounters& counters;
  telemetry::Log& log;
  const ExecutorTrust& executors;
};

inline constexpr const char* unverifiable = "referral_unverifiable";

// Why an approval ends.
struct Ending {
  domain::ApprovalEvent event{};
  People people{};
  std::optional<std::string> reason{};
  std::vector<std::string> codes{};
  bool tell_executor = true;  // false when the executor was the one who said so
};

class ApprovalConductor {
 public:
  ApprovalConductor(const ApprovalParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration, Docket& docket)
      : parts_(parts), batch_(batch), configuration_(configuration), docket_(docket) {}

  // What bears on who may answer, from the tables and from this batch.
  Question question_about(const Approval& approval);

  void open(const contracts::ReferralApproval& referral, const std::string& digest);
  // tally(), and the log hears of every vote that is not what was signed.
  Tally weigh(const Question& question, const catalog::Directory& directory) const;
  // Withdraws instead what is not any more what the executor referred.
  void grant(Approval& approval, const Tally& tally);
  // False, and nothing is said, when it is not any more what the executor referred.
  bool grant_again(const Approval& approval, const Tally& tally);
  void end(Approval& approval, const Ending& ending);
  void consume(Approval& approval, const base::Uuid& jti);
  // The executor asks for what it should have heard already.
  void tell_again(const Approval& approval);
  // For a request that is no approval: only the executor hears of it.
  void refuse(const contracts::VerdictEnded& verdict);
  // Keeps a decision; `answer` tells the realm.
  void record(const Approval* approval, Decision decision, bool answer);

 private:
  bool stands(const Approval& approval);
  void move(Approval& approval, domain::ApprovalEvent event);
  Countersignature countersign(const Approval& approval, const Tally& tally, bool again);
  std::optional<base::Uuid> tell_realm(const Approval& approval, std::string_view type, std::string data);
  base::Uuid tell_executor(const Approval& approval, std::string_view type, std::string data);
  void note(const Approval& approval, std::optional<std::string> old_state, std::vector<std::string> people, std::optional<base::Uuid> told,
            std::optional<base::Uuid> verdict);
  void audit_decision(const Approval* approval, const Decision& decision);

  const ApprovalParts& parts_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  Docket& docket_;
};

// `main` if it carries the tenant, else the first realm by name that does; nullptr when none does.
const catalog::Realm* realm_of_tenant(const catalog::Snapshot& configuration, std::string_view tenant);

}  // namespace countersign::approval
