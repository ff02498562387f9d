#pragma once

#include <cstddef>
#include <string>

namespace countersign::crypto {

// From the operating system's generator. Any thread.
std::string random_bytes(std::size_t count);

}  // namespace countersign::crypto
