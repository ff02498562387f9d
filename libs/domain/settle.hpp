#pragma once

// settle: what the end of a call means for its step and its effect.
//
// The question is always the same: has it certainly happened, certainly not, or may it have? Only "certainly not" may be tried again
// freely. "May have" is tried again only inside the same claim and only where the tool makes repeating harmless; otherwise the effect is
// unknown and somebody looks.
//
// Not ours   Looking: reconcile.hpp. Making the call: the executor's lanes.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/effect.hpp"
#include "domain/named_enum.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

enum class Idempotency { key_header, natural, none };

template <>
struct EnumNames<Idempotency> {
  static constexpr std::array names{std::string_view("key_header"), std::string_view("natural"), std::string_view("none")};
};

constexpr bool repeatable(Idempotency idempotency) { return idempotency != Idempotency::none; }

// What a status says about the call.
enum class StatusClass {
  success,    // what the manifest calls success
  refused,    // the tool said no
  conflict,   // 409: said no, or, to a repeated key, "still at it"
  throttled,  // 425, 429: not taken up, come again
  ambiguous,  // everything else, such as 5xx, 3xx, 408 and a 2xx that the manifest does not list: may have been done
};
// An empty list of success statuses means 200 to 299.
StatusClass classify_status(int status, std::span<const int> success);

struct CallEnd {
  enum class Kind {
    not_sent,     // certainly no byte left: refused connection, unknown name, open breaker, a switch or a stop before the first byte
    answered,     // see status
    lost,         // sent in part or whole, no answer
    lease_ended,  // the lane went silent
  };
  Kind kind = Kind::lost;
  StatusClass status = StatusClass::ambiguous;             // for answered
  std::optional<std::chrono::milliseconds> retry_after{};  // what the answer asked for
};

struct RetryRule {
  int attempts = 1;  // calls that may be sent, the first included
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds most{10'000};
};

inline constexpr int most_unsent_attempts = 20;  // being unreachable costs nothing, but every wait ends
inline constexpr int most_read_leases = 5;       // a read whose lane died is repeated, unless it is what kills lanes
inline constexpr std::chrono::milliseconds most_retry_after{60'000};

struct CallFacts {
  bool effect = true;  // false for a read
  Idempotency idempotency = Idempotency::none;
  RetryRule retry{};
  int sent_attempts = 1;            // this one included if it was sent
  int unsent_attempts = 0;          // this one included if it was not
  bool earlier_unanswered = false;  // an earlier attempt was sent, got no telling answer, and was not found undone since
  bool budget_left = true;          // the tool's retry budget
  bool stopping = false;            // the run is stopping
  std::chrono::milliseconds lease_left{0};
  std::chrono::milliseconds call_timeout{0};
  std::uint64_t random = 0;  // the jitter: any 64 random bits
};

struct Settlement {
  StepState step = StepState::unknown;
  std::optional<EffectState> effect{};  // absent for a read
  // step ready: claim again no sooner than this. step claimed: call again after this, in the same claim and under the same key.
  std::optional<std::chrono::milliseconds> again_in{};
  std::string_view code{};  // why, unless it succeeded

  friend bool operator==(const Settlement&, const Settlement&) = default;
};

Settlement settle(const CallEnd& end, const CallFacts& facts);

// Exponential from `first` up to `most` with full jitter, at least what the answer asked for, which is believed up to a minute.
std::chrono::milliseconds retry_delay(const RetryRule& rule, int failures, std::optional<std::chrono::milliseconds> retry_after,
                                      std::uint64_t random);

}  // namespace countersign::domain
