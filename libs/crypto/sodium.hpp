#pragma once

// libsodium wants to be made ready once before it is used.

namespace countersign::crypto {

// Makes libsodium ready; cheap after the first time. Any thread.
void ensure_sodium();

}  // namespace countersign::crypto
