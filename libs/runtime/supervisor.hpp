#pragma once

// tell_supervisor("READY=1"): what systemd wants to hear from a unit with Type=notify. Does nothing where nobody listens.
//
// Source     sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names.

#include <string>

namespace countersign::runtime {
void tell_supervisor(const std::string& message) noexcept;
}
