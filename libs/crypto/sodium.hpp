#pragma once

namespace countersign::crypto {

// Makes libsodium ready; cheap after the first time. Any thread.
void ensure_sodium();

}  // namespace countersign::crypto
