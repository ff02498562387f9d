#include "runtime/retrying_loop.hpp"

#include "base/backoff.hpp"
#include "base/errors.hpp"

namespace countersign::runtime {
namespace {

class RetryingLoop {
 public:
  RetryingLoop(const std::string& name, base::Clock& clock, telemetry::Telemetry telemetry, const RetryOptions& options)
      : name_(name),
        clock_(clock),
        telemetry_(telemetry),
        options_(options),
        backoff_(options.first_backoff, options.most_backoff),
        unavailable_(failures("unavailable")),
        conflicts_(failures("conflict")),
        rejected_(failures("rejected")) {}

  void run(std::stop_token stop, const std::function<bool()>& once, base::Bell& bell) {
    while (!stop.stop_requested()) {
      try {
        const bool worked = once();
        note_success();
        if (!worked) bell.wait(stop, options_.pause);
      } catch (const base::Unavailable& error) {
        unavailable_.add();
        note_outage(error.what());
        clock_.wait(stop, backoff_.next());
      } catch (const base::Conflict& error) {
        conflicts_.add();
        if (++conflicts_in_a_row_ <= options_.conflicts_at_once) continue;
        note_outage(error.what());
        clock_.wait(stop, backoff_.next());
      } catch (const base::Rejected& error) {
        rejected_.add();
        telemetry_.log.error("loop_rejected", {{"loop", name_}, {"code", error.code()}, {"error", error.what()}});
        clock_.wait(stop, backoff_.next());
      }
    }
  }

 private:
  telemetry::Counter& failures(const char* kind) {
    return telemetry_.metrics.counter("loop_failures_total", "Rounds of a loop that failed, by kind.", {{"loop", name_}, {"kind", kind}});
  }

  void note_outage(const std::string& error) {
    if (out_) return;
    out_ = true;
    out_since_ = clock_.steady();
    telemetry_.log.warning("loop_unavailable", {{"loop", name_}, {"error", error}});
  }

  void note_success() {
    backoff_.reset();
    conflicts_in_a_row_ = 0;
    if (!out_) return;
    out_ = false;
    const std::chrono::duration<double> lasted = clock_.steady() - out_since_;
    telemetry_.log.info("loop_recovered", {{"loop", name_}, {"seconds", lasted.count()}});
  }

  std::string name_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  RetryOptions options_;
  base::Backoff backoff_;
  telemetry::Counter& unavailable_;
  telemetry::Counter& conflicts_;
  telemetry::Counter& rejected_;
  int conflicts_in_a_row_ = 0;
  bool out_ = false;
  base::SteadyTime out_since_{};
};

}  // namespace

void run_retrying(const std::string& name, base::Clock& clock, telemetry::Telemetry telemetry, std::stop_token stop,
                  const std::function<bool()>& once, base::Bell& bell, RetryOptions options) {
  RetryingLoop(name, clock, telemetry, options).run(std::move(stop), once, bell);
}

}  // namespace countersign::runtime
