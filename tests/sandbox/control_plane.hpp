#pragma once

// ControlPlane: how a test programs the stand-in and asks what happened, under /_control/.
//
//     POST   seed                  POST change
//     POST   behaviour                 DELETE behaviour[?id=N]      POST random_seed
//     GET    journal?after=N&limit=M                   GET summary[?by_id=true]
//
// Misbehaviours never apply to these paths.
//
// Threads    One.

#include "sandbox/misbehaviour.hpp"
#include "sandbox/sandbox.hpp"

namespace countersign::sandbox {

class ControlPlane {
 public:
  ControlPlane(Sandbox& sandbox, Misbehaviours& misbehaviours, Journal& journal)
      : sandbox_(sandbox), misbehaviours_(misbehaviours), journal_(journal) {}

  static bool owns(const Request& request) { return request.tenant == "_control"; }
  Answer answer(const Request& request);

 private:
  Answer add_behaviour(const Request& request);
  Answer remove_behaviour(const Request& request);
  Answer change(const Request& request);
  Answer seed_dice(const Request& request);
  Answer journal_page(const Request& request);
  Answer summary(const Request& request);

  Sandbox& sandbox_;
  Misbehaviours& misbehaviours_;
  Journal& journal_;
};

}  // namespace countersign::sandbox
