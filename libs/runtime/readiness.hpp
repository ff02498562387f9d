#pragma once

// Readiness: the named conditions under which this process may be given work, and whether each holds now.
//
// Threads    Every function may be called from any thread.

#include <map>
#include <mutex>
#include <string>

namespace countersign::runtime {

class Readiness {
 public:
  // Makes a condition known, as not yet true, so that ready() waits for it.
  void expect(const std::string& condition, const std::string& why_not = "not started");
  // `why_not` is for people, and is dropped when the condition is true.
  void set(const std::string& condition, bool holds, const std::string& why_not = {});
  // From now on never ready: the process is stopping.
  void drain();

  bool ready() const;
  // {"ready":false,"conditions":[{"name":"tickets","holds":false,"why_not":"no partition assigned"}]}
  std::string json() const;

 private:
  struct Condition {
    bool holds = false;
    std::string why_not;
  };
  bool ready_locked() const;

  mutable std::mutex mutex_;
  std::map<std::string, Condition> conditions_;
  bool draining_ = false;
};

}  // namespace countersign::runtime
