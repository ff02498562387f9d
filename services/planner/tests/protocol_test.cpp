// The plan protocol between the planner's real code and the executor's real rule (domain::judge_plan), with every message delayed at
// random: whatever crosses whatever, once all messages have arrived no ticket waits for a plan.

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "domain/plan_protocol.hpp"
#include "planner/proposer.hpp"
#include "planner/tests/given.hpp"

namespace countersign::planner {
namespace {

using namespace testing;
using contracts::Event;
using contracts::PlanProposed;

enum class TicketMessage { update, close };

// An executor reduced to what the protocol sees of it: runs, steps that end somehow, and the `steps` sequence.
class ExecutorModel {
 public:
  explicit ExecutorModel(std::mt19937& random) : random_(random) {}

  std::deque<Event> steps;  // sent, not yet heard

  void take(TicketMessage message) {
    ++version_;
    if (message == TicketMessage::close) closed_ = true;
    if (!run_) {
      if (!closed_) open_run();
    } else if (*run_ == domain::RunState::awaiting_plan && turns_ == 0 && !closed_) {
      run_version_ = version_;
    } else {
      stop(closed_ ? "cancelled" : "superseded");
    }
    judge_held();
  }

  void take(const PlanProposed& plan) {
    const auto verdict = domain::judge_plan(facts(), {.ticket_version = plan.ticket_version, .after = plan.after});
    if (verdict.kind == domain::PlanVerdict::Kind::hold) held_ = plan;
    if (verdict.kind == domain::PlanVerdict::Kind::reject) {
      if (verdict.opens_run) open_run();
      if (verdict.counts_turn) ++turns_;
      send(ended("rejected", run_version_, runs_, 0, verdict.codes));
      if (!verdict.escalates.empty()) stop("escalated");
    }
    if (verdict.kind != domain::PlanVerdict::Kind::accept) return;
    if (verdict.opens_run) open_run();
    ++turns_;
    plan_ = plan;
    next_ = 0;
    run_ = domain::RunState::running;
    if (plan.steps.empty()) stop(plan.close->stop_reason);
  }

  // Something happens in the run by itself; false when nothing can.
  bool advance() {
    if (run_ == domain::RunState::stopping) {
      end();
      return true;
    }
    if (run_ != domain::RunState::running) return false;
    const int chance = roll(10);
    if (doubtful_) return settle(chance);
    if (chance == 0) return fail("failed");
    if (chance == 1) return fail("denied");
    if (chance == 3) return fail("expired");
    if (chance == 4) return fail("changes_requested");
    if (chance == 2) return doubt();
    return succeed();
  }

  bool waits_for_plan() const { return run_ == domain::RunState::awaiting_plan; }
  bool idle() const { return !run_; }

 private:
  int roll(int sides) { return std::uniform_int_distribution<int>{0, sides - 1}(random_); }

  domain::RunFacts facts() const {
    domain::RunFacts facts{.ticket_version = version_,
                           .ticket_closed = closed_,
                           .run = run_,
                           .version_ended = ended_version_ == version_,
                           .last_steps_sequence = sequence_,
                           .turns_used = turns_,
                           .runs_opened = 1};
    if (held_) facts.held_version = held_->ticket_version;
    return facts;
  }

  void send(Event event) {
    ++sequence_;
    steps.push_back(std::move(event));
  }

  void open_run() {
    run_ = domain::RunState::awaiting_plan;
    run_version_ = version_;
    ++runs_;
    step_ = turns_ = 0;
  }

  bool succeed() {
    send(succeeded(run_version_, runs_, ++step_, plan_.steps[next_].name));
    return go_on();
  }
  bool go_on() {
    if (++next_ < plan_.steps.size()) return true;
    if (plan_.close)
      stop(plan_.close->stop_reason);
    else
      finish_plan();
    return true;
  }
  bool fail(const std::string& how) {
    send(ended(how, run_version_, runs_, ++step_, {"over_limit"}));
    finish_plan();
    return true;
  }
  bool doubt() {
    send(ended("unknown", run_version_, runs_, ++step_, {"answer_lost"}));
    doubtful_ = true;
    return true;
  }
  // The step is reported a second time, under the same number.
  bool settle(int chance) {
    doubtful_ = false;
    if (chance < 5) {
      send(succeeded(run_version_, runs_, step_, plan_.steps[next_].name));
      return go_on();
    }
    send(ended("failed", run_version_, runs_, step_, {"not_done"}));
    finish_plan();
    return true;
  }

  void finish_plan() {
    run_ = domain::RunState::awaiting_plan;
    if (!domain::judge_finished_plan(turns_).empty()) stop("escalated");
  }

  // A run that stops may have to wait for what is in flight; a close or update prevails over an escalation on the way.
  void stop(const std::string& reason) {
    if (run_ != domain::RunState::stopping || reason_ == "escalated") reason_ = reason;
    run_ = domain::RunState::stopping;
    if (roll(2) == 0) end();
  }
  void end() {
    doubtful_ = false;
    run_.reset();
    send(stopped(run_version_, runs_, reason_));
    if (reason_ != "superseded") ended_version_ = run_version_;
    if (run_version_ < version_ && !closed_) open_run();
    // What nobody knew any more turns up: a late result of a run that is over.
    if (roll(4) == 0 && step_ > 0) send(succeeded(run_version_, runs_, 1, "look"));
    judge_held();
  }
  void judge_held() {
    if (!held_ || held_->ticket_version > version_) return;
    const auto plan = *std::exchange(held_, std::nullopt);
    take(plan);
  }

  std::mt19937& random_;
  std::int64_t version_ = 0, run_version_ = 0, ended_version_ = 0, sequence_ = 0, runs_ = 0, step_ = 0;
  int turns_ = 0;
  bool closed_ = false, doubtful_ = false;
  std::optional<domain::RunState> run_;
  std::string reason_;
  std::optional<PlanProposed> held_;
  PlanProposed plan_;
  std::size_t next_ = 0;
};

class PlannerModel {
 public:
  PlannerModel() {
    one_ = open_refund();
    one_.version = 0;
    playbook_.turns.push_back({"step.failed", {}, {step("look", "lookup_order")}, std::nullopt});
    playbook_.turns.push_back({"step.changes_requested", {}, {step("look", "lookup_order"), step("pay", "issue_refund")}, std::nullopt});
  }

  std::deque<PlanProposed> plans;  // sent, not yet taken

  void take(TicketMessage message) {
    ++one_.version;
    if (message == TicketMessage::close) one_.status = TicketStatus::closed;
    Proposer::plan_afresh(one_, playbooks_);
    speak();
  }

  void take(const Event& event) {
    ++heard_;
    Reply reply;
    if (const auto* heard = std::get_if<contracts::StepSucceeded>(&event)) reply = hear(one_, *heard);
    if (const auto* heard = std::get_if<contracts::StepEnded>(&event)) reply = hear(one_, *heard);
    if (const auto* heard = std::get_if<contracts::RunStopped>(&event)) reply = hear(one_, *heard);
    if (Proposer::follow(one_, reply, playbooks_)) speak();
  }

 private:
  void speak() {
    if (const auto* plan = Proposer::due(one_, heard_)) plans.push_back(*plan);
  }

  catalog::Playbook playbook_ = refund_playbook();
  PlanDrafter::Playbooks playbooks_{&playbook_};
  Conversation one_;
  std::int64_t heard_ = 0;
};

struct Exchange {
  std::mt19937 random;
  ExecutorModel executor{random};
  PlannerModel planner;
  std::deque<TicketMessage> to_executor, to_planner;

  explicit Exchange(unsigned seed) : random(seed) {
    const auto messages = 1 + random() % 4;
    for (unsigned at = 0; at < messages; ++at) {
      const bool closes = at + 1 == messages && random() % 5 == 0;
      to_executor.push_back(closes ? TicketMessage::close : TicketMessage::update);
    }
    to_planner = to_executor;
  }

  template <typename Taker, typename Queue>
  bool deliver(Taker& taker, Queue& queue) {
    if (queue.empty()) return false;
    const auto message = queue.front();
    queue.pop_front();
    taker.take(message);
    return true;
  }

  bool step(unsigned which) {
    switch (which % 5) {
      case 0:
        return deliver(executor, to_executor);
      case 1:
        return deliver(planner, to_planner);
      case 2:
        return deliver(executor, planner.plans);
      case 3:
        return deliver(planner, executor.steps);
      default:
        return executor.advance();
    }
  }

  // False when it does not come to rest: messages chase each other for ever.
  bool run_to_rest() {
    for (int turn = 0; turn < 2000; ++turn) {
      if (step(static_cast<unsigned>(random()))) continue;
      bool moved = false;
      for (unsigned which = 0; which < 5 && !moved; ++which) moved = step(which);
      if (!moved) return true;
    }
    return false;
  }
};

TEST(PlanProtocolTest, NeverLeavesARunWithoutAPlanWhateverCrosses) {
  for (unsigned seed = 0; seed < 10'000; ++seed) {
    Exchange exchange(seed);
    ASSERT_TRUE(exchange.run_to_rest()) << "seed " << seed;
    ASSERT_FALSE(exchange.executor.waits_for_plan()) << "seed " << seed;
    ASSERT_TRUE(exchange.executor.idle()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace countersign::planner
