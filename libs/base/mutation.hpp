#pragma once

// mutated(Mutation::no_fence): whether this program was broken on purpose, in one of nine ways that a checker of a whole fleet must notice.
//
// In what is shipped, and in every test program, this is `false` at compile time and nothing of it is left. The target `mutants` compiles
// the few libraries that ask once more, with COUNTERSIGN_MUTANTS, and links mutations_armed: there COUNTERSIGN_MUTATION names the one way.

namespace countersign::base {

enum class Mutation {
  no_fence,                     // a batch commits though its partition was taken over
  record_before_calling,        // an effect is on record as done before its call is made
  publish_before_commit,        // messages go out before the transaction that owes them
  delete_outbox_early,          // outbox rows go when a message is offered, not when the log has it
  believe_commit_in_doubt,      // a COMMIT whose answer was lost is taken for done
  ignore_sequences,             // messages are applied as they come
  expired_effect_to_ready,      // an effect whose lease ended is taken for not done
  drop_stopping,                // a run ends while an effect is under way
  reuse_connection_for_effects  // the HTTP library may send an effect again by itself
};

#ifdef COUNTERSIGN_MUTANTS
inline namespace armed {  // another name than the one below: no program may mix them up
bool mutated(Mutation mutation) noexcept;
}
#else
constexpr bool mutated(Mutation) noexcept { return false; }
#endif

}  // namespace countersign::base
