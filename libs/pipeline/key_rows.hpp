#pragma once

// Key rows: how far each topic has come for a key, to and from the table `key_state`.
//
// Threads    The thread of the transaction.

#include <map>
#include <string>

#include "pipeline/batch.hpp"
#include "pipeline/territory.hpp"
#include "postgres/rows.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

// By key; columns as lock_keys.sql selects them.
std::map<std::string, KeyState> read_key_rows(const postgres::Rows& rows, const Territory& territory);
// Of a key that has no row yet.
KeyState unheard_of(const Territory& territory);
// Makes the rows that are not there and updates those that changed.
void queue_key_rows(const std::map<std::string, KeyState>& keys, postgres::Transaction& transaction);

}  // namespace countersign::pipeline
