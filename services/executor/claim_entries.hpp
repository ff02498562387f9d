#pragma once

// What a claim, or its refusal, writes on a case: findings of the gate on the step, the effect in the ledger, an entry in the audit.
//
// Threads    The batch's thread; stateless.

#include <string>

#include "executor/case.hpp"
#include "executor/policy_gate.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// What the gate found out is kept whatever it said.
void keep_findings(Step& step, const GateVerdict& verdict);

// The effect of a step that was claimed just now: a new one, or the one that was put back.
void enter_effect(TicketCase& one, const Step& step, const GateVerdict& verdict, const RunConductor& conductor, pipeline::Batch& batch);

void audit_verdict(const TicketCase& one, const Step& step, std::string event, const GateVerdict& verdict, pipeline::Batch& batch);

}  // namespace countersign::executor
