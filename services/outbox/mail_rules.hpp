#pragma once

// What follows from the end of an attempt to send a mail. Pure.

#include <string>
#include <vector>

#include "outbox/delivery_rules.hpp"

namespace countersign::outbox {

// What the row knows when the attempt ends.
struct MailStanding {
  int attempts = 0;         // before this one
  int lapses = 0;           // likewise
  bool withdrawn = false;   // the run does not want it any more
  bool maybe_sent = false;  // an earlier attempt may have arrived
};

struct MailFate {
  std::string state;                    // ready | delivered | dead
  std::chrono::microseconds due_in{0};  // for ready
  std::string code{};                   // for dead: refused, maybe_sent, withdrawn, gave_up
  bool maybe_sent = false;              // this attempt, or an earlier one, may have arrived
};

// `resend`: a message that may have arrived is sent again under the same Message-ID, rather than given to people.
MailFate decide_fate(const AttemptEnd& end, const MailStanding& standing, const std::vector<std::chrono::milliseconds>& schedule,
                     bool resend, double random);

}  // namespace countersign::outbox
