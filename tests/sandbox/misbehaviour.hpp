#pragma once

// Misbehaviours: the rules by which the stand-in lets its callers down.
//
// A rule names the requests it is for, what happens to them, how often and with which probability. The first rule that fits is used;
// a rule that has been used up goes away. The dice are seeded, so that the same requests in the same order meet the same fate.
//
// Threads    One.

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sandbox/request.hpp"

namespace countersign::sandbox {

enum class Fault { delay, fail, hang, reset, reset_reused, do_then_drop, slow_body, endless_body, redirect, status };

// When the request is carried out: not at all, before the fault, or after the wait of a delay.
enum class Work { none, first, last };

struct Misbehaviour {
  std::uint64_t id = 0;
  std::string method;       // empty: any
  std::string path_prefix;  // of the whole path or of what follows the tenant; empty: any
  std::string tenant;       // empty: any
  Fault fault = Fault::fail;
  Work work = Work::none;
  int status = 0;
  std::string retry_after;
  std::string location;
  std::chrono::milliseconds delay{0};
  std::int64_t count = -1;  // uses left; negative: no end
  double probability = 1;
};

class Misbehaviours {
 public:
  std::uint64_t add(Misbehaviour rule);
  bool remove(std::uint64_t id);
  void clear() { rules_.clear(); }
  void seed(std::uint64_t seed) { random_.seed(seed); }

  // The fate of a request; absent when it is treated well. `reused`: its connection has carried a request before.
  std::optional<Misbehaviour> choose(const Request& request, bool reused);

 private:
  std::vector<Misbehaviour> rules_;
  std::uint64_t last_id_ = 0;
  std::mt19937_64 random_{1};
};

// Reads {"match":{…},"what":…,…}. Refuses `malformed_body` and `unknown_behaviour`.
base::Result<Misbehaviour> read_misbehaviour(std::string_view body);

}  // namespace countersign::sandbox
