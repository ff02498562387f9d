#pragma once

// Random bytes from the operating system, good enough for keys and nonces.

#include <cstddef>
#include <string>

namespace countersign::crypto {

// From the operating system's generator. Any thread.
std::string random_bytes(std::size_t count);

}  // namespace countersign::crypto
