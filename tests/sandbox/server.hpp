#pragma once

// Server: the stand-in's sockets, on one thread, and the faults that only a socket can show.
//
// Promise    The journal is written once per turn of the loop, and before a fault that drops the connection is shown.
// Threads    run() uses the calling thread for everything and returns after SIGTERM or SIGINT.
// Ownership  Borrows every argument for the length of run().
// Failure    Throws base::Misconfigured when the port cannot be had; base::Unavailable when the journal cannot be written.

#include <cstdint>
#include <string>

#include "sandbox/control_plane.hpp"

namespace countersign::sandbox {

struct Endpoint {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  std::string port_file;   // gets the port as text once connections are accepted; empty: none
};

void run(const Endpoint& endpoint, Sandbox& sandbox, ControlPlane& control, Misbehaviours& misbehaviours, Journal& journal);

}  // namespace countersign::sandbox
