#pragma once

// Slot check: the database remembers which position of key_state means which topic; a program built with another order would count on the
// wrong counters.

#include "pipeline/territory.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

// Throws base::Misconfigured when the territory and the database disagree.
void require_same_slots(postgres::Session& session, const Territory& territory);

}  // namespace countersign::pipeline
